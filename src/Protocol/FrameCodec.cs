using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace Presence.Protocol;

/// <summary>What <see cref="ClientFrames"/> and <see cref="ServerFrames"/> share: generated messages from and to bytes.</summary>
internal static class FrameCodec
{
    public static bool TryParse<T>(
        MessageParser<T> parser,
        in ReadOnlySequence<byte> payload,
        int maxFrameBytes,
        [NotNullWhen(true)] out T? frame,
        out FrameFault fault)
        where T : class, IMessage<T>
    {
        frame = null;
        fault = payload.IsEmpty ? FrameFault.LengthZero
            : payload.Length > maxFrameBytes ? FrameFault.LengthOverLimit
            : FrameFault.None;
        if (fault != FrameFault.None)
        {
            return false;
        }
        try
        {
            frame = parser.ParseFrom(payload);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            // The parser has no other way to say it. It costs microseconds, once: the connection is closed on the first.
            fault = FrameFault.Unparsable;
            return false;
        }
    }

    public static void Write(IBufferWriter<byte> output, IMessage frame, Framing framing, int maxFrameBytes)
    {
        var size = frame.CalculateSize();
        if (size == 0 || size > maxFrameBytes)
        {
            throw new ArgumentException(
                $"A frame holds 1 … {maxFrameBytes} bytes, this {frame.Descriptor.Name} {size}. Set its oneof; split what is too long.",
                nameof(frame));
        }
        if (framing == Framing.LengthPrefix)
        {
            output.Advance(LengthPrefix.Write(output.GetSpan(LengthPrefix.MaxBytes), size));
        }
        frame.WriteTo(output);
    }
}
