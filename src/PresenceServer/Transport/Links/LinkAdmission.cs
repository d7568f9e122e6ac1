using System.Security.Cryptography;
using System.Text;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport.Admission;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>Decides whether a GatewayHello opens a link. Judges tokens, so it runs on I/O threads and never on a shard's.</summary>
internal sealed class LinkAdmission(
    PresenceConfiguration configuration, GatewayTokenValidator tokens, Gateways gateways, ShardSet shards, Admissions admissions, TimeProvider time)
{
    /// <summary>Attaches a link to the connection; or says why not.</summary>
    /// <returns>The link, which is to be opened; null when it was refused.</returns>
    public Link? Admit(ClientConnection connection, GatewayHello hello, out Refusal? refusal)
    {
        refusal = CheckFields(hello);
        if (refusal is not null)
        {
            return null;
        }

        ulong key = shards.DeviceKey(hello.GatewayId);
        if (tokens.IsToken(hello.Token) && Enter(hello, key) is { Ticks: > 0 } wait)
        {
            refusal = Admissions.Later(wait);
            return null;
        }

        if (!tokens.TryValidate(hello.Token, out TokenIdentity? identity, out TokenRejection? rejection))
        {
            refusal = Gatekeeper.Refuse(rejection);
            return null;
        }

        if (!gateways.TryEnter(hello.GatewayId, out Gateway? gateway))
        {
            refusal = new Refusal(NoPlace(), CloseCode.Overloaded);
            return null;
        }

        ShardHost owner = shards.All[gateway.Ordinal % shards.All.Count];
        var link = new Link(gateway, connection, owner, TokenFacts.Of(identity), hello.ClientName, hello.StartsAnew, time.GetUtcNow());
        connection.Attach(link);
        return link;
    }

    private TimeSpan Enter(GatewayHello hello, ulong gatewayKey) => gateways.Knows(hello.GatewayId)
        ? admissions.Links.EnterSession(gatewayKey)
        : admissions.Links.EnterSignature(Admissions.KeyOf(hello.Token, gatewayKey));

    // Places become free, as after a rolling deploy: it is told to come back, within the time in which those of the lost do.
    private Error NoPlace()
    {
        int allowed = configuration.Limits.Gateways;
        int holdMs = (int)configuration.Session.Hold.TotalMilliseconds;
        return new Error
        {
            Code = ErrorCode.Overloaded,
            Which = LimitNames.Gateways,
            Allowed = (ulong)allowed,
            Message = $"{LimitNames.Gateways} is {allowed} and all are here, are held, or their users still are. Try again after reconnect_after_ms; if it stays so, raise Presence:Limits:Gateways.",
            ReconnectAfterMs = (uint)RandomNumberGenerator.GetInt32((holdMs / 4) + 1, holdMs + 1_000),
        };
    }

    /// <summary>Judges a token that is to take the place of a link's.</summary>
    public TokenIdentity? Renew(string token, out Error? error)
    {
        error = tokens.TryValidate(token, out TokenIdentity? identity, out TokenRejection? rejection)
            ? null
            : Gatekeeper.RefuseRenewal(rejection);
        return error is null ? identity : null;
    }

    private static Refusal? CheckFields(GatewayHello hello)
    {
        if (Gatekeeper.CheckVersion(hello.ProtocolVersion) is { } wrongVersion)
        {
            return wrongVersion;
        }

        int bytes = Encoding.UTF8.GetByteCount(hello.GatewayId);
        return bytes is >= ProtocolLimits.MinGatewayIdBytes and <= ProtocolLimits.MaxGatewayIdBytes
            ? Gatekeeper.CheckClientName(hello.ClientName)
            : Refusal.Because(
                ErrorCode.InvalidArgument,
                CloseCode.Refused,
                $"gateway_id has {bytes} bytes; it has {ProtocolLimits.MinGatewayIdBytes} to {ProtocolLimits.MaxGatewayIdBytes}, and stays the same over all connections of the gateway.",
                "gateway_id");
    }
}
