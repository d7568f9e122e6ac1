using System.Buffers;

namespace Presence.Protocol.Tests;

/// <summary>What came of reading some bytes to their end: the payloads in hex, and how it ended. Compared by value.</summary>
internal sealed record Reading(string Frames, FrameReadResult End, FrameFault Fault, long Left)
{
    public static Reading OfSequence(ReadOnlySequence<byte> buffer, int maxFrameBytes)
    {
        var frames = new List<string>();
        FrameReadResult result;
        FrameFault fault;
        while ((result = FrameReader.TryRead(ref buffer, maxFrameBytes, out var payload, out fault)) == FrameReadResult.Frame)
        {
            frames.Add(Convert.ToHexStringLower(payload.ToArray()));
        }
        return new(string.Join(' ', frames), result, fault, buffer.Length);
    }

    public static Reading OfSpan(ReadOnlySpan<byte> buffer, int maxFrameBytes)
    {
        var frames = new List<string>();
        FrameReadResult result;
        FrameFault fault;
        while ((result = FrameReader.TryRead(ref buffer, maxFrameBytes, out var payload, out fault)) == FrameReadResult.Frame)
        {
            frames.Add(Convert.ToHexStringLower(payload));
        }
        return new(string.Join(' ', frames), result, fault, buffer.Length);
    }

    /// <summary>
    /// As a connection reads: chunk after chunk, what is left of one in front of the next. Stops at the first malformed length.
    /// </summary>
    public static Reading OfArrivals(byte[] bytes, IEnumerable<int> cuts, int maxFrameBytes)
    {
        var frames = new List<string>();
        var consumed = 0L;
        var ends = cuts.Select(c => Math.Clamp(c, 0, bytes.Length)).Order().Append(bytes.Length).ToList();
        var last = (Result: FrameReadResult.NeedMore, Fault: FrameFault.None);
        foreach (var end in ends)
        {
            var buffer = Segments.Cut(bytes.AsMemory(0, end), ends).Slice(consumed);
            while ((last.Result = FrameReader.TryRead(ref buffer, maxFrameBytes, out var payload, out last.Fault)) == FrameReadResult.Frame)
            {
                frames.Add(Convert.ToHexStringLower(payload.ToArray()));
            }
            consumed = end - buffer.Length;
            if (last.Result == FrameReadResult.Malformed)
            {
                break;
            }
        }
        return new(string.Join(' ', frames), last.Result, last.Fault, bytes.Length - consumed);
    }
}
