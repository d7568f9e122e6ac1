namespace Presence.Server.Transport;

/// <summary>A transport whose client was counted, and waited for, before there was a connection.</summary>
internal interface IAwaited
{
    /// <summary>Its place in the queue of handshakes; null once the connection has taken it.</summary>
    Deadline? Handshake { get; set; }
}
