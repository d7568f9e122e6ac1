using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Presence.V1;

namespace Presence.Protocol;

/// <summary>Client frames through the generated classes. Try <see cref="HeartbeatFrame"/> before.</summary>
public static class ClientFrames
{
    // Unknown fields are discarded: kept, 62 KB of them would become 3 MB of objects.
    private static readonly MessageParser<ClientFrame> _parser = ClientFrame.Parser.WithDiscardUnknownFields(true);

    /// <summary>Parses a payload. Never throws on bad bytes.</summary>
    /// <param name="payload">The frame without its length.</param>
    /// <param name="frame">The message; its oneof is set.</param>
    /// <param name="fault">Why not: malformed, or <see cref="FrameFault.Unsupported"/> when no known field of the oneof is set.</param>
    /// <param name="maxFrameBytes">The largest payload that is allowed.</param>
    public static bool TryParse(
        in ReadOnlySequence<byte> payload,
        [NotNullWhen(true)] out ClientFrame? frame,
        out FrameFault fault,
        int maxFrameBytes = ProtocolLimits.MaxFrameBytes)
    {
        if (!FrameCodec.TryParse(_parser, payload, maxFrameBytes, out frame, out fault))
        {
            return false;
        }
        if (frame.FrameCase != ClientFrame.FrameOneofCase.None)
        {
            return true;
        }
        frame = null;
        fault = FrameFault.Unsupported;
        return false;
    }

    /// <summary>Writes one frame. Heartbeats have their bytes ready: <see cref="HeartbeatFrame.Encoded"/>.</summary>
    /// <exception cref="ArgumentException">No oneof, or over <paramref name="maxFrameBytes"/>; nothing was written.</exception>
    public static void Write(
        IBufferWriter<byte> output, ClientFrame frame, Framing framing, int maxFrameBytes = ProtocolLimits.MaxFrameBytes) =>
        FrameCodec.Write(output, frame, framing, maxFrameBytes);
}
