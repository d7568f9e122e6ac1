namespace Presence.Protocol;

/// <summary>Why bytes are not a frame that is understood.</summary>
public enum FrameFault : byte
{
    None = 0,

    /// <summary>A length of 0, or an empty message.</summary>
    LengthZero,

    /// <summary>A length in more bytes than it needs.</summary>
    LengthNotMinimal,

    /// <summary>A length above the limit of the connection.</summary>
    LengthOverLimit,

    /// <summary>The payload is not a protobuf message of the expected type.</summary>
    Unparsable,

    /// <summary>Well formed, but no field of the oneof is known here. The only fault a connection survives.</summary>
    Unsupported,
}

/// <summary>What a fault means.</summary>
public static class FrameFaults
{
    /// <summary>True when the connection is to be closed with MALFORMED: nothing after such bytes can be trusted.</summary>
    public static bool Closes(FrameFault fault) => fault is not (FrameFault.None or FrameFault.Unsupported);

    /// <summary>The text of <c>Error.message</c>: what was wrong, what was expected, what to do.</summary>
    public static string Describe(FrameFault fault) => fault switch
    {
        FrameFault.LengthZero => "The frame is empty; a frame holds at least one byte. Send one ClientFrame a frame.",
        FrameFault.LengthNotMinimal => "The frame's length is not a minimal varint. Write the length in as few bytes as it needs.",
        FrameFault.LengthOverLimit => "The frame is longer than max_frame_bytes. Split the request.",
        FrameFault.Unparsable => "The frame is not a message of presence.v1. Check the length in front of it and the encoder.",
        FrameFault.Unsupported => "The frame holds no field that this server knows. Use what the protocol version of this connection has.",
        _ => "The frame is in order.",
    };
}
