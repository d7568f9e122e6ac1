using System.Buffers.Binary;

namespace Presence.Server.Cluster.Streams;

/// <summary>
/// What goes on a stream, numbers little endian. One call at a time: there is nothing to tell its answer by.
/// <code>
/// call     length of what follows (u32) · batches, each: length (u32) · bytes as PeerCodec makes them
/// answer   number of batches (u32) · for each 1 if it was taken, else 0 (u8)
/// </code>
/// </summary>
internal static class StreamFrame
{
    public const int HeadSize = sizeof(uint);

    /// <summary>Bytes of a call behind its head, as of a call to a silo. Beyond it is no call of ours.</summary>
    public const int Longest = 100 << 20;

    /// <exception cref="InvalidDataException">It would be longer than anybody takes.</exception>
    public static byte[] WriteCall(byte[][] batches)
    {
        long length = batches.Sum(static batch => (long)HeadSize + batch.Length);
        if (length > Longest)
        {
            throw new InvalidDataException($"What there is to say has {length} bytes, a call takes {Longest}.");
        }

        byte[] call = new byte[HeadSize + length];
        BinaryPrimitives.WriteUInt32LittleEndian(call, (uint)length);
        int at = HeadSize;
        foreach (byte[] batch in batches)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(call.AsSpan(at), (uint)batch.Length);
            batch.CopyTo(call, at + HeadSize);
            at += HeadSize + batch.Length;
        }

        return call;
    }

    /// <summary>The batches of a call, from what is behind its head.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static List<ReadOnlyMemory<byte>> ReadCall(ReadOnlyMemory<byte> body)
    {
        var batches = new List<ReadOnlyMemory<byte>>();
        while (!body.IsEmpty)
        {
            uint length = body.Length < HeadSize ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(body.Span);
            if (length > body.Length - HeadSize)
            {
                throw new InvalidDataException("A batch that is longer than the call it is in.");
            }

            if (batches.Count == PeerLimits.Shards)
            {
                throw new InvalidDataException($"More than {PeerLimits.Shards} batches in a call: a node has no more shards.");
            }

            batches.Add(body.Slice(HeadSize, (int)length));
            body = body[(HeadSize + (int)length)..];
        }

        return batches;
    }

    public static byte[] WriteAnswer(bool[] areTaken)
    {
        byte[] answer = new byte[HeadSize + areTaken.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(answer, (uint)areTaken.Length);
        for (int n = 0; n < areTaken.Length; n++)
        {
            answer[HeadSize + n] = areTaken[n] ? (byte)1 : (byte)0;
        }

        return answer;
    }

    /// <param name="answer">All of it: the call says how long it has to be.</param>
    /// <param name="batches">Of the call.</param>
    /// <exception cref="InvalidDataException">It is no answer to that.</exception>
    public static bool[] ReadAnswer(ReadOnlySpan<byte> answer, int batches)
    {
        if (answer.Length != HeadSize + batches || BinaryPrimitives.ReadUInt32LittleEndian(answer) != batches)
        {
            throw new InvalidDataException("An answer to another call.");
        }

        bool[] areTaken = new bool[batches];
        for (int n = 0; n < batches; n++)
        {
            areTaken[n] = answer[HeadSize + n] != 0;
        }

        return areTaken;
    }
}
