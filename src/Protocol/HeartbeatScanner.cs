namespace Presence.Protocol;

/// <summary>
/// Takes runs of heartbeats off a read in one go: they are most of what a server receives, and several in one read count as one.
/// </summary>
public static class HeartbeatScanner
{
    /// <summary>Bytes of one heartbeat with its length.</summary>
    public const int FrameBytes = HeartbeatFrame.PayloadBytes + 1;

    /// <summary>Consumes the heartbeats in short form (<c>02 08 xx</c>) that <paramref name="bytes"/> begins with.</summary>
    /// <param name="bytes">Contiguous bytes that begin at a frame's length.</param>
    /// <param name="combined">The flags of all of them, or-ed.</param>
    /// <returns>Bytes consumed: <see cref="FrameBytes"/> for each; whatever follows, a partial heartbeat too, is left.</returns>
    public static int Consume(ReadOnlySpan<byte> bytes, out HeartbeatFlags combined)
    {
        var consumed = 0;
        var or = 0u;
        while (bytes is [HeartbeatFrame.PayloadBytes, HeartbeatFrame.Tag, < 0x80 and var value, ..])
        {
            or |= value;
            consumed += FrameBytes;
            bytes = bytes[FrameBytes..];
        }
        combined = HeartbeatFrame.FromValue(or);
        return consumed;
    }
}
