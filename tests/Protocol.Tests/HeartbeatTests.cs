using System.Buffers;
using CsCheck;
using Presence.V1;
using Xunit;

namespace Presence.Protocol.Tests;

public sealed class HeartbeatTests
{
    private static readonly Framing[] _framings = Enum.GetValues<Framing>();

    [Theory]
    [InlineData("0800", HeartbeatFlags.None)]
    [InlineData("0801", HeartbeatFlags.Active)]
    [InlineData("0802", HeartbeatFlags.WantAck)]
    [InlineData("0803", HeartbeatFlags.Active | HeartbeatFlags.WantAck)]
    [InlineData("087d", HeartbeatFlags.Active)]
    public void The_short_form_is_read_without_protobuf(string hex, HeartbeatFlags expected)
    {
        var payload = Convert.FromHexString(hex);
        Assert.True(HeartbeatFrame.TryRead(payload, out var flags));
        Assert.Equal(expected, flags);
        Assert.True(HeartbeatFrame.TryRead(Segments.EveryByte(payload), out flags));
        Assert.Equal(expected, flags);
    }

    [Theory]
    [InlineData("")]
    [InlineData("08")]
    [InlineData("0880")]
    [InlineData("088100")]
    [InlineData("4200")]
    [InlineData("0803a00101")]
    public void Anything_else_is_left_to_the_general_path(string hex)
    {
        var payload = Convert.FromHexString(hex);
        Assert.False(HeartbeatFrame.TryRead(payload, out _));
        Assert.False(HeartbeatFrame.TryRead(Segments.EveryByte(payload), out _));
    }

    [Theory]
    [InlineData("088100", HeartbeatFlags.Active)]
    [InlineData("08838080808000", HeartbeatFlags.Active | HeartbeatFlags.WantAck)]
    [InlineData("0802a00101", HeartbeatFlags.WantAck)]
    [InlineData("08ffffffff0f", HeartbeatFlags.Active | HeartbeatFlags.WantAck)]
    public void Other_legal_encodings_mean_the_same(string hex, HeartbeatFlags expected)
    {
        Assert.True(ClientFrames.TryParse(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), out var frame, out _));
        Assert.Equal(ClientFrame.FrameOneofCase.Heartbeat, frame.FrameCase);
        Assert.Equal(expected, HeartbeatFrame.FromValue(frame.Heartbeat));
    }

    [Fact]
    public void Ready_bytes_are_what_the_generated_class_writes()
    {
        foreach (var framing in _framings)
        {
            for (var flags = 0u; flags < 4; flags++)
            {
                var expected = new ArrayBufferWriter<byte>();
                ClientFrames.Write(expected, new ClientFrame { Heartbeat = flags }, framing);
                Assert.Equal(expected.WrittenSpan, HeartbeatFrame.Encoded((HeartbeatFlags)flags, framing).Span);
            }
        }
    }

    [Fact]
    public void The_scanner_takes_what_the_frame_reader_would() =>
        Gen.Select(Gen.Byte[0, 127].Array[0, 20], Gen.OneOf(Gen.Byte.Array[0, 6], Gen.OneOf<byte[]>([2, 8], [2, 8, 0x80])))
            .Sample((values, tail) =>
            {
                byte[] bytes = [.. values.SelectMany(v => new byte[] { 2, 8, v }), .. tail];
                var (expectedBytes, expectedFlags) = OneByOne(bytes);
                var consumed = HeartbeatScanner.Consume(bytes, out var combined);
                return consumed >= values.Length * HeartbeatScanner.FrameBytes && consumed == expectedBytes && combined == expectedFlags;
            });

    private static (int Bytes, HeartbeatFlags Flags) OneByOne(ReadOnlySpan<byte> bytes)
    {
        var left = bytes;
        var all = HeartbeatFlags.None;
        while (true)
        {
            var before = left;
            if (FrameReader.TryRead(ref left, ProtocolLimits.MaxFrameBytes, out var payload, out _) != FrameReadResult.Frame
                || !HeartbeatFrame.TryRead(payload, out var flags))
            {
                return (bytes.Length - before.Length, all);
            }
            all |= flags;
        }
    }
}
