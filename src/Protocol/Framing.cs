namespace Presence.Protocol;

/// <summary>How frames are told apart on a transport.</summary>
public enum Framing : byte
{
    /// <summary>A byte stream (TCP, TLS): each frame after its length as a minimal varint.</summary>
    LengthPrefix,

    /// <summary>A transport with messages of its own (WebSocket): one frame a message, no length.</summary>
    Message,
}
