using System.Buffers;

namespace Presence.Protocol;

/// <summary>What reading one frame came to.</summary>
public enum FrameReadResult : byte
{
    /// <summary>The bytes so far are the beginning of a frame; nothing was consumed.</summary>
    NeedMore,

    /// <summary>One frame was consumed.</summary>
    Frame,

    /// <summary>No frame can begin with these bytes; nothing was consumed, and nothing after them can be read.</summary>
    Malformed,
}

/// <summary>
/// Cuts a byte stream into frames. Pure and free of allocation: the same bytes give the same frames however they are split, and a bad
/// length is reported as soon as its own bytes are there, not when the frame is.
/// </summary>
public static class FrameReader
{
    /// <summary>Takes the first frame off <paramref name="buffer"/>.</summary>
    /// <param name="buffer">What has arrived; on <see cref="FrameReadResult.Frame"/> it begins after it, else it is unchanged.</param>
    /// <param name="maxFrameBytes">The largest payload that is allowed.</param>
    /// <param name="payload">The frame without its length; a slice of the buffer.</param>
    /// <param name="fault">The reason, with <see cref="FrameReadResult.Malformed"/>.</param>
    public static FrameReadResult TryRead(
        ref ReadOnlySequence<byte> buffer, int maxFrameBytes, out ReadOnlySequence<byte> payload, out FrameFault fault)
    {
        payload = default;
        var result = ReadLength(buffer, maxFrameBytes, out var length, out var prefix, out fault);
        if (result != FrameReadResult.Frame)
        {
            return result;
        }
        if (buffer.Length - prefix < length)
        {
            return FrameReadResult.NeedMore;
        }
        payload = buffer.Slice(prefix, length);
        buffer = buffer.Slice(payload.End);
        return FrameReadResult.Frame;
    }

    /// <summary>The same over contiguous bytes.</summary>
    public static FrameReadResult TryRead(
        ref ReadOnlySpan<byte> buffer, int maxFrameBytes, out ReadOnlySpan<byte> payload, out FrameFault fault)
    {
        payload = default;
        var result = LengthPrefix.TryRead(buffer, maxFrameBytes, out var length, out var prefix, out fault);
        if (result != FrameReadResult.Frame)
        {
            return result;
        }
        if (buffer.Length - prefix < length)
        {
            return FrameReadResult.NeedMore;
        }
        payload = buffer.Slice(prefix, length);
        buffer = buffer[(prefix + length)..];
        return FrameReadResult.Frame;
    }

    private static FrameReadResult ReadLength(
        in ReadOnlySequence<byte> buffer, int maxFrameBytes, out int length, out int prefix, out FrameFault fault)
    {
        var first = buffer.FirstSpan;
        if (buffer.IsSingleSegment || first.Length >= LengthPrefix.MaxBytes)
        {
            return LengthPrefix.TryRead(first, maxFrameBytes, out length, out prefix, out fault);
        }
        // The length may lie across segments: look at a copy of its few bytes.
        Span<byte> head = stackalloc byte[LengthPrefix.MaxBytes];
        head = head[..(int)Math.Min(buffer.Length, head.Length)];
        buffer.Slice(0, head.Length).CopyTo(head);
        return LengthPrefix.TryRead(head, maxFrameBytes, out length, out prefix, out fault);
    }
}
