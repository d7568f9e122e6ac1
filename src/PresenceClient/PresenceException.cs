using Presence.V1;

namespace Presence.Client;

/// <summary>The server refused one request; nothing of it was done, and the connection lives.</summary>
public sealed class PresenceException : Exception
{
    /// <param name="code">Why.</param>
    /// <param name="message">What was wrong, what was expected, what to do.</param>
    public PresenceException(ErrorCode code, string message) : base(message) => Code = code;

    /// <summary>Why.</summary>
    public ErrorCode Code { get; }

    /// <summary>The name of the limit or field, where one is meant; else empty.</summary>
    public string Which { get; init; } = "";

    /// <summary>The value of the limit <see cref="Which"/>.</summary>
    public ulong? Allowed { get; init; }

    /// <summary>Try again no sooner than this.</summary>
    public TimeSpan? RetryAfter { get; init; }

    internal static PresenceException From(Error error) => new(error.Code, error.Message)
    {
        Which = error.Which,
        Allowed = error.HasAllowed ? error.Allowed : null,
        RetryAfter = error.HasReconnectAfterMs ? TimeSpan.FromMilliseconds(error.ReconnectAfterMs) : null,
    };
}

/// <summary>The client is closed: the server said not to come back, or the application let go; what was asked cannot be done.</summary>
public sealed class PresenceClosedException : Exception
{
    /// <param name="closeCode">What the server said; Unspecified when the application let go.</param>
    /// <param name="message">For people.</param>
    public PresenceClosedException(CloseCode closeCode, string message) : base(message) => CloseCode = closeCode;

    /// <summary>What the server said; Unspecified when the application let go.</summary>
    public CloseCode CloseCode { get; }
}
