using System.Buffers;

namespace Presence.Fuzz;

/// <summary>Bytes as they may arrive: in segments.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, Pieces? before)
    {
        Memory = memory;
        if (before is not null)
        {
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }

    /// <summary>The bytes in segments of that size; the last may be shorter.</summary>
    public static ReadOnlySequence<byte> Of(byte[] bytes, int size)
    {
        var first = new Pieces(bytes.AsMemory(0, Math.Min(size, bytes.Length)), null);
        Pieces last = first;
        for (int from = size; from < bytes.Length; from += size)
        {
            last = new Pieces(bytes.AsMemory(from, Math.Min(size, bytes.Length - from)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
