using System.Buffers;
using Xunit;

namespace Presence.Protocol.Tests;

/// <summary>What happens for every heartbeat and every delivered update allocates nothing.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 1_000;

    private readonly byte[] _stream = [2, 8, 1, 2, 8, 0, 2, 8, 3, 0x03, 0x08, 0x81, 0x00];
    private readonly byte[] _buffer = new byte[PresencePage.BufferBytes(4_096)];
    private readonly PresenceState _state =
        PresenceState.NeverSeen(2) with { Version = 7, StatusText = "busy"u8.ToArray(), Kinds = DeviceKinds.Web };

    [Fact]
    public void Reading_heartbeats_in_one_segment() => AllocatesNothing(() => ReadAll(new ReadOnlySequence<byte>(_stream)));

    [Fact]
    public void Reading_heartbeats_cut_at_every_byte()
    {
        var sequence = Segments.EveryByte(_stream);
        AllocatesNothing(() => ReadAll(sequence));
    }

    [Fact]
    public void Scanning_heartbeats() => AllocatesNothing(() => HeartbeatScanner.Consume(_stream, out _));

    [Fact]
    public void Writing_what_the_server_sends_most() => AllocatesNothing(() =>
        HeartbeatAckFrame.Write(_buffer, 1_790_000_000_000, 30_000, Framing.LengthPrefix)
        + AckFrame.Write(_buffer, 1, 2, Framing.LengthPrefix)
        + UpdateFrame.Write(_buffer, _state, Framing.LengthPrefix)
        + HeartbeatFrame.Encoded(HeartbeatFlags.WantAck, Framing.Message).Length);

    [Fact]
    public void Writing_a_page() => AllocatesNothing(() =>
    {
        var page = new PresencePage(_buffer, 4_096, Framing.LengthPrefix, 1, snapshot: true);
        while (page.TryAdd(_state))
        {
        }
        return page.Complete(more: false).Length;
    });

    [Fact]
    public void The_measure_sees_an_allocation() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AllocatesNothing(() => new byte[1].Length));

    private static int ReadAll(ReadOnlySequence<byte> buffer)
    {
        var beats = 0;
        while (FrameReader.TryRead(ref buffer, ProtocolLimits.MaxFrameBytes, out var payload, out _) == FrameReadResult.Frame)
        {
            beats += HeartbeatFrame.TryRead(payload, out _) ? 1 : 0;
        }
        return beats;
    }

    private static void AllocatesNothing(Func<int> work)
    {
        Assert.True(work() > 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            work();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
