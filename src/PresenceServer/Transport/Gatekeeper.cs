using System.Security.Cryptography;
using System.Text;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;
using Presence.Server.Transport.Admission;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>Decides whether a Hello opens a session. Judges tokens, so it runs on I/O threads and never on a shard's.</summary>
internal sealed class Gatekeeper(
    PresenceConfiguration configuration,
    TokenValidator tokens,
    ResumeTokens resumeTokens,
    RevocationRegister revocations,
    ShardSet shards,
    NewUsers newUsers,
    Admissions admissions,
    TimeProvider time)
{
    private readonly LimitsConfiguration _limits = configuration.Limits;
    private readonly ClientNames _clientNames = new();

    /// <summary>Attaches the session to the connection and gives the message that brings it up; or says why not.</summary>
    public SessionUp? Admit(ClientConnection connection, Hello hello, out Refusal? refusal)
    {
        refusal = CheckFields(hello);
        if (refusal is not null)
        {
            return null;
        }

        HandshakeBudget budget = admissions.Of(connection);
        ulong deviceKey = shards.DeviceKey(hello.DeviceId);
        ulong presented = ReadResumeToken(hello, out ulong userId, out TokenFacts? facts, out TokenRejection? unusable);
        if (hello.Token.Length > 0 || facts is null)
        {
            // What is no token takes nobody's place.
            if (tokens.IsToken(hello.Token) && budget.EnterSignature(Admissions.KeyOf(hello.Token, deviceKey)) is { Ticks: > 0 } untilJudged)
            {
                refusal = facts is null ? Admissions.Later(untilJudged) : admissions.Later(untilJudged, hello, userId);
                return null;
            }

            if (tokens.TryValidate(hello.Token, out TokenIdentity? identity, out TokenRejection? rejection))
            {
                if ((facts is null || identity.UserId != userId) && !newUsers.MayCome)
                {
                    // A device that presents its resume token was here before: its user has a record and needs no new memory.
                    refusal = new Refusal(newUsers.Overloaded(), CloseCode.Overloaded);
                    return null;
                }

                presented = identity.UserId == userId ? presented : 0;
                (userId, facts) = (identity.UserId, TokenFacts.Of(identity));
            }
            else if (facts is null || !HasOnlyExpired(rejection, hello.Token, userId))
            {
                refusal = Refuse(Worse(rejection, unusable));
                return null;
            }
        }

        if (presented == 0 && admissions.CheckUser(userId) is { } tooOften)
        {
            refusal = tooOften;
            return null;
        }

        if (admissions.Enter(budget, Admissions.KeyOf(userId, deviceKey), wasHere: presented != 0) is { Ticks: > 0 } wait)
        {
            refusal = presented == 0 ? Admissions.Later(wait) : admissions.Later(wait, hello, userId);
            return null;
        }

        connection.Attach(new Hosted(shards.Of(userId), userId, hello.DeviceId, facts, _clientNames.Shared(hello.ClientName)));
        return new SessionUp(connection, userId, deviceKey)
        {
            Kind = DeviceKindSet.Of(hello.DeviceKind),
            InitialStatus = hello.InitialStatus,
            ReportsActivity = hello.ReportsActivity,
            PresentedSession = presented,
            TokenExpiresMs = facts.ExpiresAt * 1_000,
            Token = facts.Mark,
        };
    }

    // Of two that are no good, a resume token that is revoked says more than a JWT that is missing or over.
    private static TokenRejection Worse(TokenRejection rejection, TokenRejection? unusable) => rejection.Reason switch
    {
        TokenRejectionReason.Missing => unusable ?? rejection,
        TokenRejectionReason.Expired when unusable?.Reason == TokenRejectionReason.Revoked => unusable,
        _ => rejection,
    };

    /// <summary>Judges a token that is to take the place of a session's.</summary>
    /// <param name="session">Whose it must be.</param>
    /// <param name="token">The new one.</param>
    /// <param name="error">Why not.</param>
    /// <param name="closes">It is another user's: who speaks on the connection is not known any more.</param>
    public TokenIdentity? Renew(Hosted session, string token, out Error? error, out bool closes)
    {
        error = admissions.CheckRenewal(session.UserId);
        closes = false;
        if (error is not null)
        {
            return null;
        }

        if (!tokens.TryValidate(token, out TokenIdentity? identity, out TokenRejection? rejection))
        {
            error = RefuseRenewal(rejection);
        }
        else if (identity.UserId != session.UserId)
        {
            error = new Error { Code = ErrorCode.Forbidden, Message = "The token is another user's: a session is one user's. Connect anew with it.", Which = "token" };
            closes = true;
        }

        return error is null ? identity : null;
    }

    // A valid resume token stands in for a JWT that is its user's own and has only expired: a client sends what it has.
    private bool HasOnlyExpired(TokenRejection rejection, string token, ulong userId) =>
        rejection.Reason == TokenRejectionReason.Expired && tokens.IsExpiredTokenOf(userId, token);

    /// <summary>What a client is told whose token is not believed.</summary>
    public static Refusal Refuse(TokenRejection rejection) => rejection.Reason switch
    {
        TokenRejectionReason.Expired => Refusal.Because(ErrorCode.Unauthenticated, CloseCode.TokenExpired, rejection.Message, "token"),
        TokenRejectionReason.Revoked => Refusal.Because(ErrorCode.Unauthenticated, CloseCode.Revoked, rejection.Message, "token"),
        TokenRejectionReason.KeysUnavailable => new Refusal(
            new Error { Code = ErrorCode.Unavailable, Message = rejection.Message, Which = "token", ReconnectAfterMs = AfterReading(rejection) },
            CloseCode.Overloaded),
        _ => Refusal.Because(ErrorCode.Unauthenticated, CloseCode.BadToken, rejection.Message, "token"),
    };

    /// <summary>What an open session or link is told: as <see cref="Refuse"/>, without a time to reconnect at, as it stays.</summary>
    public static Error RefuseRenewal(TokenRejection rejection)
    {
        Error error = Refuse(rejection).Error;
        error.ClearReconnectAfterMs();
        return error;
    }

    // The reading takes a moment, and those who wait for it do not come back together.
    private static uint AfterReading(TokenRejection rejection) =>
        (uint)rejection.UntilRead.TotalMilliseconds + (uint)RandomNumberGenerator.GetInt32(1_000, 3_000);

    /// <returns>Null when the version is spoken here.</returns>
    public static Refusal? CheckVersion(uint version) => version == ProtocolLimits.ProtocolVersion
        ? null
        : Refusal.Because(
            ErrorCode.Unsupported,
            CloseCode.UnsupportedVersion,
            $"protocol_version {version} is not spoken here; use {ProtocolLimits.ProtocolVersion}.",
            "protocol_version");

    /// <returns>Null when the name may be kept.</returns>
    public static Refusal? CheckClientName(string name) => Encoding.UTF8.GetByteCount(name) <= ProtocolLimits.MaxClientNameBytes
        ? null
        : Refusal.Because(
            ErrorCode.InvalidArgument, CloseCode.Refused, $"client_name is longer than {ProtocolLimits.MaxClientNameBytes} bytes.", "client_name");

    private Refusal? CheckFields(Hello hello)
    {
        if (CheckVersion(hello.ProtocolVersion) is { } wrongVersion)
        {
            return wrongVersion;
        }

        int deviceBytes = Encoding.UTF8.GetByteCount(hello.DeviceId);
        if (deviceBytes == 0)
        {
            return Refusal.Because(
                ErrorCode.InvalidArgument, CloseCode.Refused, "device_id is empty; choose one for the installation and keep it.", "device_id");
        }

        return deviceBytes > _limits.DeviceIdBytes
            ? Refusal.Limit(LimitNames.DeviceIdBytes, _limits.DeviceIdBytes, $"device_id has {deviceBytes} bytes; {_limits.DeviceIdBytes} are allowed.")
            : CheckRest(hello);
    }

    private static Refusal? CheckRest(Hello hello)
    {
        if (CheckClientName(hello.ClientName) is { } longName)
        {
            return longName;
        }

        bool known = hello.InitialStatus is Status.Unspecified or Status.Online or Status.Away or Status.Busy or Status.Offline;
        return known
            ? null
            : Refusal.Because(
                ErrorCode.InvalidArgument,
                CloseCode.Refused,
                "initial_status is ONLINE, AWAY, BUSY or, for an observer, OFFLINE; INVISIBLE is set with SetStatus and stays.",
                "initial_status");
    }

    // A resume token that cannot be used is not an error: the JWT decides then. It speaks for one device only.
    private ulong ReadResumeToken(Hello hello, out ulong userId, out TokenFacts? facts, out TokenRejection? unusable)
    {
        userId = 0;
        facts = null;
        unusable = null;
        if (hello.ResumeToken.IsEmpty)
        {
            return 0;
        }

        bool valid = resumeTokens.TryRead(hello.ResumeToken.Span, time.GetUtcNow(), out ResumeClaims claims, out ResumeRejection rejection);
        if (!valid || !claims.DeviceId.SequenceEqual(Encoding.UTF8.GetBytes(hello.DeviceId)))
        {
            unusable = TokenRejections.OfResumeToken(rejection);
            return 0;
        }

        TokenMark mark = revocations.MarkOf(claims.TokenId, claims.IssuedAt);
        if (revocations.Concerns(claims.UserId, mark))
        {
            unusable = TokenRejections.Revoked;
            return 0;
        }

        userId = claims.UserId;
        facts = TokenFacts.Of(claims, mark);
        return claims.SessionId;
    }
}
