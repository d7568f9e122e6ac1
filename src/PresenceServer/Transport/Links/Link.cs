using Presence.Engine;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>
/// One connection of a gateway. To the shard that owns it (the gateway's ordinal says which) it is a connection without a session: what is said to the
/// gateway is written there. Its users are all shards'.
/// </summary>
internal sealed class Link(Gateway gateway, ClientConnection connection, ShardHost owner, TokenFacts token, string clientName, bool startsAnew, DateTimeOffset since)
    : Hosted(owner, userId: 0, gateway.Id, token, clientName)
{
    private TokenFacts _shown = token;

    public Gateway Gateway { get; } = gateway;

    public ClientConnection Connection { get; } = connection;

    public DateTimeOffset Since { get; } = since;

    /// <summary>Address and port; empty when not known.</summary>
    public string Remote { get; } = connection.Origin.Remote;

    /// <summary>tcp, tls or websocket.</summary>
    public string Transport { get; } = connection.Origin.Transport;

    /// <summary>The Welcome is on its way; from here on more may be said.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The gateway does not know its set any more and will name it again.</summary>
    public bool StartsAnew { get; } = startsAnew;

    /// <summary>The set stood when this connection came.</summary>
    public bool Resumed { get; set; }

    /// <summary>Of the last frame that was taken before this connection came; 0 unless resumed.</summary>
    public ulong ResumedSeq { get; set; }

    /// <summary>How long the set may still be named anew; when it is not, how long it might.</summary>
    public long CompleteWithinMs { get; set; }

    /// <summary>Asked for every transition.</summary>
    public bool WatchesAll { get; set; }

    /// <summary>What the gateway's newest token said.</summary>
    public TokenFacts Shown
    {
        get => Volatile.Read(ref _shown);
        set
        {
            Volatile.Write(ref _shown, value);
            TokenWarned = false;
        }
    }

    /// <summary>Unix ms; a new token moves it on.</summary>
    public long TokenExpiresMs => Shown.ExpiresAt * 1_000;

    public bool TokenWarned { get; set; }

    public override ServerFrame Greet(Welcomes welcomes, in SessionWelcome welcome) => new() { GatewayWelcome = welcomes.Compose(this, welcome) };

    // Whatever ends the connection: by the time its reader has gone, or before, the set is held.
    public override void Left() => Gateway.Leave(this);
}
