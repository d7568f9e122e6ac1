using Presence.Engine;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>Why a client is not served: what it is told and how its connection is closed.</summary>
internal sealed record Refusal(Error Error, CloseCode CloseCode)
{
    /// <summary>Of one that is to come back: its session is held until then, once its shard has been told. Null when there is nothing to hold.</summary>
    public SessionDeferred? Held { get; init; }

    /// <summary>The frame behind the error.</summary>
    public GoAway GoAway
    {
        get
        {
            var goAway = new GoAway { CloseCode = CloseCode };
            if (Error.HasReconnectAfterMs)
            {
                goAway.ReconnectAfterMs = Error.ReconnectAfterMs;
            }

            return goAway;
        }
    }

    public static Refusal Because(ErrorCode code, CloseCode close, string message, string which = "") =>
        new(new Error { Code = code, Message = message, Which = which }, close);

    public static Refusal Limit(string which, int allowed, string message) =>
        new(new Error { Code = ErrorCode.Limit, Which = which, Allowed = (ulong)allowed, Message = message }, CloseCode.Refused);
}
