using System.Buffers;
using Presence.Protocol;

namespace Presence.Fuzz.Targets;

/// <summary>
/// The frame reader. The first byte chooses the limit and how the stream behind it is split. However it is split there are the same frames and the
/// same end; what was consumed are those frames behind minimal lengths; a run of heartbeats is what the reader reads one by one.
/// </summary>
internal static class FrameStreams
{
    private const int SmallLimit = 200;

    public static Target Target { get; } = new("frames", Judge, Seeds, [[2, 8, 3], [0x80, 0x80, 4], [0x80, 0], [0xC8, 1], [0xC9, 1]]);

    private static bool Judge(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        int limit = (input[0] & 1) == 0 ? SmallLimit : ProtocolLimits.MaxFrameBytes;
        int piece = 1 + (input[0] >> 1);
        byte[] stream = input[1..];
        Reading whole = ReadWhole(stream, limit);
        Oracle.Holds(whole.SameAs(ReadPieces(stream, piece, limit)), "segments are read as other frames than contiguous bytes");
        Oracle.Holds(whole.SameAs(ReadArrivals(stream, piece, limit)), "bytes that arrive by and by are read as other frames than those that are there at once");
        Oracle.Equal(stream.AsSpan(0, whole.Consumed), Rewrite(stream, whole), "consumed bytes are not the frames again");
        CheckBeats(stream, limit);
        return whole.Frames.Count > 0;
    }

    private static Reading ReadWhole(ReadOnlySpan<byte> stream, int limit)
    {
        var reading = new Reading();
        ReadOnlySpan<byte> rest = stream;
        while ((reading.End = FrameReader.TryRead(ref rest, limit, out ReadOnlySpan<byte> payload, out reading.Fault)) == FrameReadResult.Frame)
        {
            reading.Add(stream.Length - rest.Length, payload.Length, limit);
        }

        return reading;
    }

    private static Reading ReadPieces(byte[] stream, int piece, int limit)
    {
        var reading = new Reading();
        ReadOnlySequence<byte> rest = Pieces.Of(stream, piece);
        while ((reading.End = FrameReader.TryRead(ref rest, limit, out ReadOnlySequence<byte> payload, out reading.Fault)) == FrameReadResult.Frame)
        {
            int consumed = stream.Length - (int)rest.Length;
            reading.Add(consumed, (int)payload.Length, limit);
            Oracle.Equal(stream.AsSpan(consumed - (int)payload.Length, (int)payload.Length), payload.ToArray(), "the payload is not what lies in the stream");
        }

        return reading;
    }

    private static Reading ReadArrivals(byte[] stream, int piece, int limit)
    {
        var reading = new Reading();
        for (int end = 0; end < stream.Length && reading.End != FrameReadResult.Malformed;)
        {
            end = Math.Min(end + piece, stream.Length);
            ReadOnlySpan<byte> rest = stream.AsSpan(reading.Consumed..end);
            while ((reading.End = FrameReader.TryRead(ref rest, limit, out ReadOnlySpan<byte> payload, out reading.Fault)) == FrameReadResult.Frame)
            {
                reading.Add(end - rest.Length, payload.Length, limit);
            }
        }

        return reading;
    }

    private static byte[] Rewrite(byte[] stream, Reading reading)
    {
        var written = new List<byte>(reading.Consumed);
        foreach ((int end, int length) in reading.Frames)
        {
            int left = length;
            for (; left > 127; left /= 128)
            {
                written.Add((byte)(128 + (left % 128)));
            }

            written.Add((byte)left);
            written.AddRange(stream.AsSpan(end - length, length));
        }

        return [.. written];
    }

    private static void CheckBeats(ReadOnlySpan<byte> stream, int limit)
    {
        int consumed = HeartbeatScanner.Consume(stream, out HeartbeatFlags combined);
        HeartbeatFlags expected = HeartbeatFlags.None;
        ReadOnlySpan<byte> rest = stream;
        int read = 0;
        while (FrameReader.TryRead(ref rest, limit, out ReadOnlySpan<byte> payload, out _) == FrameReadResult.Frame
            && HeartbeatFrame.TryRead(payload, out HeartbeatFlags flags))
        {
            expected |= flags;
            read = stream.Length - rest.Length;
        }

        Oracle.Holds(consumed == read && combined == expected, "a run of heartbeats is not what the frame reader reads one by one");
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[][] frames = [.. Vectors.Frames("client.json"), .. Vectors.Frames("server.json"), .. Vectors.Frames("malformed.json")];
        yield return [3, .. frames.SelectMany(static frame => frame)];
        foreach (byte[] frame in frames)
        {
            yield return [1, .. frame];
        }

        yield return [8, 2, 8, 1, 2, 8, 3, 2, 8, 0x80, 0];
        yield return [0, 0xC8, 1, .. new byte[SmallLimit]];
        yield return [0, 0xC9, 1, .. new byte[SmallLimit + 1]];
    }

    private sealed class Reading
    {
        public FrameReadResult End = FrameReadResult.NeedMore;
        public FrameFault Fault;

        // Where each ends in the stream, and its bytes without its length.
        public List<(int End, int Length)> Frames { get; } = [];

        public int Consumed => Frames.Count == 0 ? 0 : Frames[^1].End;

        public void Add(int consumed, int length, int limit)
        {
            Oracle.Holds(length > 0 && length <= limit, "a frame is empty or over the limit");
            Oracle.Holds(consumed - Consumed > length, "a frame and its length are longer than what was consumed");
            Frames.Add((consumed, length));
        }

        public bool SameAs(Reading other) => End == other.End && Fault == other.Fault && Frames.SequenceEqual(other.Frames);
    }
}
