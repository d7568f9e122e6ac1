using Presence.V1;

namespace Presence.Client;

/// <summary>Where the client stands with the server.</summary>
public enum ConnectionState
{
    /// <summary>Not started, or let go on purpose.</summary>
    Disconnected,

    /// <summary>Dialling, or waiting for the server's Welcome.</summary>
    Connecting,

    /// <summary>The session is live.</summary>
    Connected,

    /// <summary>Lost; it will connect again by itself after <see cref="ConnectionStateChange.RetryAfter"/>.</summary>
    Waiting,

    /// <summary>
    /// The server said not to come back (<see cref="ConnectionStateChange.CloseCode"/>, 4500 and above). Only
    /// <see cref="PresenceClient.ConnectAsync"/> tries again.
    /// </summary>
    Closed,
}

/// <summary>The client's <see cref="ConnectionState"/> changed.</summary>
/// <param name="State">The new state.</param>
public sealed record ConnectionStateChange(ConnectionState State)
{
    /// <summary>Why the last connection ended, where the server said so (Waiting, Closed); else Unspecified.</summary>
    public CloseCode CloseCode { get; init; }

    /// <summary>For people: why (Waiting, Closed); else empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When Waiting: how long until the next try.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>When Connected: true if nobody saw this device go. If false, others saw it offline in between.</summary>
    public bool Resumed { get; init; }

    /// <summary>The exception behind <see cref="Reason"/>, if one was.</summary>
    public Exception? Cause { get; init; }
}
