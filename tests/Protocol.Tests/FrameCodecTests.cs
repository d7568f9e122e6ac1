using System.Buffers;
using CsCheck;
using Google.Protobuf;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

public sealed class FrameCodecTests
{
    [Fact]
    public void Arbitrary_payloads_never_throw_and_what_is_accepted_reads_the_same_again() =>
        Gen.Frequency((3, Gen.Byte.Array[0, 60]), (1, Mutated)).Sample(bytes =>
        {
            if (!ClientFrames.TryParse(Segments.Cut(bytes, 3, 7), out var frame, out var fault))
            {
                return fault != FrameFault.None && frame is null;
            }
            var output = new ArrayBufferWriter<byte>();
            ClientFrames.Write(output, frame, Framing.Message);
            return ClientFrames.TryParse(new ReadOnlySequence<byte>(output.WrittenMemory), out var again, out _) && again.Equals(frame);
        }, iter: 20_000);

    [Fact]
    public void The_payload_generator_is_not_vacuous()
    {
        var seen = new Dictionary<FrameFault, int>();
        Mutated.Sample(bytes =>
        {
            _ = ClientFrames.TryParse(new ReadOnlySequence<byte>(bytes), out _, out var fault);
            seen[fault] = seen.GetValueOrDefault(fault) + 1;
        }, iter: 5_000, threads: 1);
        Assert.All(
            [FrameFault.None, FrameFault.Unparsable, FrameFault.Unsupported],
            fault => Assert.InRange(seen.GetValueOrDefault(fault), 20, 5_000));
    }

    [Fact]
    public void An_empty_message_is_malformed()
    {
        Assert.False(ClientFrames.TryParse(ReadOnlySequence<byte>.Empty, out _, out var fault));
        Assert.Equal(FrameFault.LengthZero, fault);
    }

    [Fact]
    public void A_message_over_the_limit_is_not_parsed()
    {
        var bytes = new ClientFrame { RefreshToken = new RefreshToken { Token = new string('a', 100) } }.ToByteArray();
        Assert.True(ClientFrames.TryParse(new ReadOnlySequence<byte>(bytes), out _, out _, bytes.Length));
        Assert.False(ClientFrames.TryParse(new ReadOnlySequence<byte>(bytes), out _, out var fault, bytes.Length - 1));
        Assert.Equal(FrameFault.LengthOverLimit, fault);
    }

    [Fact]
    public void Unknown_fields_are_discarded()
    {
        byte[] bytes = [0x42, 0x00, 0xA0, 0x01, 0x01];
        Assert.True(ClientFrames.TryParse(new ReadOnlySequence<byte>(bytes), out var frame, out _));
        Assert.Equal([0x42, 0x00], frame.ToByteArray());
    }

    [Fact]
    public void Nesting_without_end_is_malformed()
    {
        var bytes = Enumerable.Repeat((byte)0xA3, ProtocolLimits.MaxFrameBytes).Select((b, i) => i % 2 == 0 ? b : (byte)0x01).ToArray();
        Assert.False(ClientFrames.TryParse(new ReadOnlySequence<byte>(bytes), out _, out var fault));
        Assert.Equal(FrameFault.Unparsable, fault);
    }

    [Fact]
    public void A_frame_without_its_oneof_or_over_the_limit_is_not_written()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => ServerFrames.Write(output, new ServerFrame(), Framing.LengthPrefix));
        var tooLong = new ServerFrame { Error = new Error { Message = new string('x', ProtocolLimits.MaxFrameBytes) } };
        Assert.Throws<ArgumentException>(() => ServerFrames.Write(output, tooLong, Framing.LengthPrefix));
        Assert.Equal(0, output.WrittenCount);
    }

    // A good frame with one byte changed: near the border between good and bad.
    private static Gen<byte[]> Mutated =>
        Gen.Select(Gen.OneOf<byte[]>(Examples), Gen.Int[0, 1_000], Gen.Byte).Select((bytes, at, value) =>
        {
            var copy = (byte[])bytes.Clone();
            copy[at % copy.Length] = value;
            return copy;
        });

    private static byte[][] Examples =>
    [
        new ClientFrame { Heartbeat = 1 }.ToByteArray(),
        new ClientFrame { Goodbye = new Goodbye() }.ToByteArray(),
        new ClientFrame { Watch = new Watch { RequestId = 1, UserIds = { 2, 3 }, Versions = { 0, 7 } } }.ToByteArray(),
        new ClientFrame { SetStatus = new SetStatus { RequestId = 300, Status = Status.Busy, StatusText = "会議" } }.ToByteArray(),
    ];
}
