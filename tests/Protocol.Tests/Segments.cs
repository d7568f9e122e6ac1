using System.Buffers;

namespace Presence.Protocol.Tests;

/// <summary>Sequences of several segments out of one array.</summary>
internal static class Segments
{
    /// <summary>Cuts <paramref name="bytes"/> at the given positions; equal or outer ones make empty segments.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params IEnumerable<int> positions)
    {
        Segment? first = null, last = null;
        var from = 0;
        foreach (var position in positions.Select(p => Math.Clamp(p, 0, bytes.Length)).Order().Append(bytes.Length))
        {
            last = new Segment(bytes[from..position], last);
            first ??= last;
            from = position;
        }
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    public static ReadOnlySequence<byte> EveryByte(ReadOnlyMemory<byte> bytes) =>
        Cut(bytes, Enumerable.Range(1, Math.Max(0, bytes.Length - 1)));

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
