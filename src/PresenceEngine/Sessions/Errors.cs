using Presence.V1;

namespace Presence.Engine;

/// <summary>The error frames a shard sends: what was wrong, what is allowed, what to do.</summary>
internal static class Errors
{
    public const string NotDurableMessage =
        "The status is shown, but the server cannot write it down at present: a crash may lose it. Set it again later to be sure.";

    /// <summary>Of a token that is not believed any more.</summary>
    public const string RevokedMessage = "The token has been revoked.";

    public static Error NotDurable(ulong requestId) =>
        new() { RequestId = requestId, Code = ErrorCode.Unavailable, Message = NotDurableMessage };

    public static Error Limit(ulong? requestId, string which, int allowed)
    {
        var error = new Error
        {
            Code = ErrorCode.Limit,
            Which = which,
            Allowed = (ulong)allowed,
            Message = $"The limit {which} is {allowed}; nothing of the request was done. Ask for less, or end what is no longer needed.",
        };
        if (requestId is { } id)
        {
            error.RequestId = id;
        }

        return error;
    }

    /// <summary>The node does without it at present.</summary>
    public static Error Shed(ulong requestId, string which, uint retryAfterMs) => new()
    {
        RequestId = requestId,
        Code = ErrorCode.Overloaded,
        Which = which,
        Message = "The node is overloaded and does without this at present; nothing of it was done. Ask again after reconnect_after_ms, on this connection.",
        ReconnectAfterMs = retryAfterMs,
    };

    /// <summary>The token was believed when it was shown, and was revoked since.</summary>
    public static Error Revoked() => new() { Code = ErrorCode.Unauthenticated, Message = RevokedMessage, Which = "token" };

    /// <summary>There is no room for another user.</summary>
    public static Error Full(int allowed, uint comeBackAfterMs) => new()
    {
        Code = ErrorCode.Overloaded,
        Which = ShardOptions.Users,
        Allowed = (ulong)allowed,
        Message = $"{ShardOptions.Users} is {allowed} and as many are here; who is up is served on.",
        ReconnectAfterMs = comeBackAfterMs,
    };
}
