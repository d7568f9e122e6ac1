using System.Buffers;
using CsCheck;
using Google.Protobuf;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>The frames of gateway links: what is read and written by hand is what the generated classes read and write.</summary>
public sealed class SessionsFrameTests
{
    private static readonly Gen<SessionsVerb> _verb = Gen.Enum<SessionsVerb>();
    private static readonly Gen<Framing> _framing = Gen.Enum<Framing>();
    private static readonly Gen<ulong> _seq = Gen.OneOf(Gen.ULong, Gen.ULong[0, 300], Gen.OneOf<ulong>(0, ulong.MaxValue));
    private static readonly Gen<ulong[]> _ids = Gen.ULong.Array[0, 40];
    private static readonly Gen<Status> _status = Gen.OneOf(Gen.Enum<Status>(), Gen.Int.Select(value => (Status)value));
    private static readonly Gen<DeviceKind> _kind = Gen.OneOf(Gen.Enum<DeviceKind>(), Gen.Int.Select(value => (DeviceKind)value));

    [Fact]
    public void Written_bytes_are_those_of_the_generated_class() =>
        Gen.Select(_verb, _seq, _ids, _status, _kind, _framing).Sample((verb, seq, ids, status, kind, framing) =>
        {
            var output = new ArrayBufferWriter<byte>();
            SessionsFrame.Write(output, verb, seq, ids, verb == SessionsVerb.Up ? status : default, verb == SessionsVerb.Up ? kind : default, framing);
            var expected = new ArrayBufferWriter<byte>();
            ClientFrames.Write(expected, Generated(verb, seq, ids, status, kind), framing);
            return output.WrittenSpan.SequenceEqual(expected.WrittenSpan);
        });

    [Fact]
    public void Read_however_the_bytes_are_cut() =>
        Gen.Select(_verb, _seq, _ids, _status, _kind, Gen.Int[0, 400].Array[0, 6]).Sample((verb, seq, ids, status, kind, cuts) =>
        {
            var expected = Generated(verb, seq, ids, status, kind);
            return SessionsFrame.TryRead(Segments.Cut(expected.ToByteArray(), cuts), out var frame) && Same(expected, frame);
        });

    [Fact]
    public void Ids_that_are_not_packed_or_in_several_chunks_and_fields_nobody_knows_are_read() =>
        Gen.Select(_verb, _seq, _ids, Gen.Int[0, 3].Array[1, 40]).Sample((verb, seq, ids, ways) =>
        {
            var payload = Spelled(verb, seq, ids, ways);
            Assert.True(ClientFrames.TryParse(new(payload), out var expected, out _));
            return SessionsFrame.TryRead(new(payload), out var frame) && Same(expected, frame);
        });

    [Fact]
    public void Whatever_is_taken_the_generated_parser_takes_alike()
    {
        var taken = 0;
        var mutation = Gen.Select(Gen.Int[0, 200], Gen.Byte, Gen.Int[0, 2]).Array[1, 4];
        Gen.Select(_verb, Gen.ULong[0, 300], Gen.ULong.Array[0, 4], Gen.Int[0, 3].Array[1, 4], mutation).Sample((verb, seq, ids, ways, changes) =>
        {
            var payload = Changed(Spelled(verb, seq, ids, ways), changes);
            if (!SessionsFrame.TryRead(new(payload), out var frame))
            {
                return true;
            }
            Interlocked.Increment(ref taken);
            return ClientFrames.TryParse(new(payload), out var expected, out _) && Same(expected, frame);
        }, iter: 50_000);
        Assert.True(taken > 1_000, $"Only {taken} were taken.");
    }

    [Fact]
    public void What_the_reader_leaves_is_taken_from_the_parsed_frame()
    {
        // A field of a newer protocol behind the frame.
        var payload = Generated(SessionsVerb.Up, 7, [3, 4], Status.Busy, DeviceKind.Web).ToByteArray().Concat(new byte[] { 0xA0, 0x01, 0x01 }).ToArray();
        Assert.False(SessionsFrame.TryRead(new(payload), out _));
        Assert.True(ClientFrames.TryParse(new(payload), out var parsed, out _));
        Assert.True(SessionsFrame.TryTake(parsed, out var frame));
        Assert.True(Same(Generated(SessionsVerb.Up, 7, [3, 4], Status.Busy, DeviceKind.Web), frame));
        Assert.False(SessionsFrame.TryTake(new ClientFrame { Goodbye = new() }, out _));
    }

    [Fact]
    public void The_golden_vectors_are_read()
    {
        var read = 0;
        foreach (var vector in Vectors.Read<GoldenVector>("client.json").Where(v => v.Name.StartsWith("sessions_", StringComparison.Ordinal)))
        {
            var stream = new ReadOnlySequence<byte>(Convert.FromHexString(vector.Frame));
            FrameReader.TryRead(ref stream, ProtocolLimits.MaxFrameBytes, out var payload, out _);
            Assert.True(ClientFrames.TryParse(payload, out var expected, out _));
            if (expected.FrameCase != ClientFrame.FrameOneofCase.SessionsComplete)
            {
                Assert.True(SessionsFrame.TryRead(payload, out var frame), vector.Name);
                Assert.True(Same(expected, frame), vector.Name);
                read++;
            }
        }
        Assert.True(read >= 5, $"Only {read} vectors.");
    }

    [Fact]
    public void The_most_ids_fit_the_largest_frame_of_a_link()
    {
        var ids = Enumerable.Range(1, ProtocolLimits.MaxLinkIds).Select(i => ulong.MaxValue - (ulong)i).ToArray();
        var output = new ArrayBufferWriter<byte>();
        SessionsFrame.Write(output, SessionsVerb.Up, ulong.MaxValue, ids, Status.Online, DeviceKind.Service, Framing.Message);
        Assert.InRange(output.WrittenCount, 1, ProtocolLimits.MaxLinkFrameBytes);
        Assert.True(SessionsFrame.TryRead(Segments.Cut(output.WrittenMemory, 1, 4_096, 100_001), out var frame));
        Assert.True(frame.Users.SequenceEqual(ids));
        frame.Return();
    }

    [Fact]
    public void A_beat_with_a_status_is_not_written() =>
        Assert.Throws<ArgumentException>(() => SessionsFrame.Write(new ArrayBufferWriter<byte>(), SessionsVerb.Beat, 1, [2], Status.Busy));

    private static bool Same(ClientFrame expected, in SessionsFrame frame)
    {
        Assert.True(SessionsFrame.TryTake(expected, out var taken));
        var same = (taken.Verb, taken.Seq, taken.Status, taken.Kind) == (frame.Verb, frame.Seq, frame.Status, frame.Kind)
            && taken.Users.SequenceEqual(frame.Users);
        taken.Return();
        frame.Return();
        return same;
    }

    private static ClientFrame Generated(SessionsVerb verb, ulong seq, ulong[] ids, Status status, DeviceKind kind) => verb switch
    {
        SessionsVerb.Up => new() { SessionsUp = new() { Seq = seq, UserIds = { ids }, Status = status, DeviceKind = kind } },
        SessionsVerb.Beat => new() { SessionsBeat = new() { Seq = seq, UserIds = { ids } } },
        _ => new() { SessionsDown = new() { Seq = seq, UserIds = { ids } } },
    };

    // The same ids, each in one of the ways protobuf has: alone, in a chunk of its own, behind an unknown field, twice the seq.
    private static byte[] Spelled(SessionsVerb verb, ulong seq, ulong[] ids, int[] ways)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        for (var i = 0; i < ids.Length; i++)
        {
            switch (ways[i % ways.Length])
            {
                case 0:
                    output.WriteTag(2, WireFormat.WireType.Fixed64);
                    output.WriteFixed64(ids[i]);
                    break;
                case 1:
                    output.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    output.WriteLength(8);
                    output.WriteFixed64(ids[i]);
                    break;
                case 2:
                    output.WriteTag(9, WireFormat.WireType.LengthDelimited);
                    output.WriteString("new");
                    goto case 0;
                default:
                    output.WriteTag(1, WireFormat.WireType.Varint);
                    output.WriteUInt64(ids[i]);
                    goto case 1;
            }
        }
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteUInt64(seq);
        output.Flush();
        var message = bytes.ToArray();
        return new[] { (byte)(((10 + (int)verb) << 3) | 2) }.Concat(Length(message.Length)).Concat(message).ToArray();
    }

    private static byte[] Length(int length) => length < 128 ? [(byte)length] : [(byte)(length | 0x80), (byte)(length >> 7)];

    private static byte[] Changed(byte[] payload, (int Place, byte Value, int Kind)[] changes)
    {
        var bytes = payload.ToList();
        foreach (var (place, value, kind) in changes)
        {
            var at = place % Math.Max(1, bytes.Count);
            if (kind == 0 && bytes.Count > at)
            {
                bytes[at] = value;
            }
            else if (kind == 1 && bytes.Count > at)
            {
                bytes.RemoveAt(at);
            }
            else
            {
                bytes.Insert(at, value);
            }
        }
        return [.. bytes];
    }
}
