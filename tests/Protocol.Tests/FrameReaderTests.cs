using System.Buffers;
using Xunit;

namespace Presence.Protocol.Tests;

public sealed class FrameReaderTests
{
    private const int Max = ProtocolLimits.MaxFrameBytes;

    [Theory]
    [InlineData("", Max)]
    [InlineData("02", Max)]
    [InlineData("0208", Max)]
    [InlineData("80", Max)]
    [InlineData("8080", Max)]
    [InlineData("808004", Max)]
    [InlineData("80808080", int.MaxValue)]
    public void The_beginning_of_a_frame_needs_more(string hex, int max) =>
        Assert.Equal(new Reading("", FrameReadResult.NeedMore, FrameFault.None, hex.Length / 2), Read(hex, max));

    [Theory]
    [InlineData("00", Max, FrameFault.LengthZero)]
    [InlineData("8000", Max, FrameFault.LengthNotMinimal)]
    [InlineData("82000801", Max, FrameFault.LengthNotMinimal)]
    [InlineData("828000", Max, FrameFault.LengthNotMinimal)]
    [InlineData("818004", Max, FrameFault.LengthOverLimit)]
    [InlineData("ffff7f", Max, FrameFault.LengthOverLimit)]
    [InlineData("808080", Max, FrameFault.LengthOverLimit)]
    [InlineData("65", 100, FrameFault.LengthOverLimit)]
    [InlineData("80", 100, FrameFault.LengthOverLimit)]
    [InlineData("8101", 128, FrameFault.LengthOverLimit)]
    [InlineData("ffffffff0f", int.MaxValue, FrameFault.LengthOverLimit)]
    [InlineData("ffffffffff", int.MaxValue, FrameFault.LengthOverLimit)]
    public void A_bad_length_is_reported_from_its_own_bytes(string hex, int max, FrameFault fault) =>
        Assert.Equal(new Reading("", FrameReadResult.Malformed, fault, hex.Length / 2), Read(hex, max));

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(Max)]
    public void A_frame_is_read_when_its_last_byte_is_there(int payloadBytes)
    {
        var stream = Streams.Frame(new byte[payloadBytes]);
        Assert.Equal(LengthPrefix.Size(payloadBytes) + payloadBytes, stream.Length);

        var buffer = new ReadOnlySequence<byte>(stream.AsMemory(0, stream.Length - 1));
        Assert.Equal(FrameReadResult.NeedMore, FrameReader.TryRead(ref buffer, Max, out _, out _));
        buffer = new ReadOnlySequence<byte>(stream);
        Assert.Equal(FrameReadResult.Frame, FrameReader.TryRead(ref buffer, Max, out var payload, out _));
        Assert.Equal(payloadBytes, payload.Length);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void The_payload_is_a_slice_of_the_buffer_and_not_a_copy()
    {
        byte[] stream = [2, 8, 1];
        var buffer = new ReadOnlySequence<byte>(stream);
        FrameReader.TryRead(ref buffer, Max, out var payload, out _);
        stream[2] = 3;
        Assert.Equal(3, payload.FirstSpan[1]);
    }

    private static Reading Read(string hex, int max)
    {
        var bytes = Convert.FromHexString(hex);
        var whole = Reading.OfSequence(new ReadOnlySequence<byte>(bytes), max);
        Assert.Equal(whole, Reading.OfSpan(bytes, max));
        Assert.Equal(whole, Reading.OfSequence(Segments.EveryByte(bytes), max));
        return whole;
    }
}
