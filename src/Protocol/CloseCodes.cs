using Presence.V1;

namespace Presence.Protocol;

/// <summary>What a close code means to a client and to a metric.</summary>
public static class CloseCodes
{
    private const int FirstComeBack = 4000;
    private const int FirstStayAway = 4500;

    /// <summary>True when the client should connect again. Decided by range, so that codes of a newer server are understood.</summary>
    public static bool ComesBack(CloseCode code) => (int)code is >= FirstComeBack and < FirstStayAway;

    /// <summary>The name in metrics and logs: lower_snake, without prefix; <c>unknown</c> for a code of another version.</summary>
    public static string Name(CloseCode code) => code switch
    {
        CloseCode.Unspecified => "unspecified",
        CloseCode.Draining => "draining",
        CloseCode.SlowConsumer => "slow_consumer",
        CloseCode.Overloaded => "overloaded",
        CloseCode.HeartbeatTimeout => "heartbeat_timeout",
        CloseCode.HandshakeTimeout => "handshake_timeout",
        CloseCode.TokenExpired => "token_expired",
        CloseCode.InternalError => "internal_error",
        CloseCode.BadToken => "bad_token",
        CloseCode.Revoked => "revoked",
        CloseCode.Kicked => "kicked",
        CloseCode.Replaced => "replaced",
        CloseCode.Malformed => "malformed",
        CloseCode.UnsupportedVersion => "unsupported_version",
        CloseCode.Refused => "refused",
        _ => "unknown",
    };
}
