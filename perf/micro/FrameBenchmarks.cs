using System.Buffers;
using BenchmarkDotNet.Attributes;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Micro;

/// <summary>Bytes to frames and back.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int Beats = 16;

    private readonly byte[] _heartbeats = [.. Enumerable.Repeat<byte[]>([2, 8, 0], Beats).SelectMany(beat => beat)];
    private readonly byte[] _buffer = new byte[PresencePage.BufferBytes(ProtocolLimits.MaxFrameBytes)];
    private readonly PresenceState _state = PresenceState.NeverSeen(123_456_789) with { Version = 1UL << 60, Status = Status.Online, Kinds = DeviceKinds.Mobile };
    private ReadOnlySequence<byte> _setStatus;

    [GlobalSetup]
    public void Setup()
    {
        var writer = new ArrayBufferWriter<byte>();
        var frame = new ClientFrame { SetStatus = new SetStatus { RequestId = 1, Status = Status.Busy } };
        ClientFrames.Write(writer, frame, Framing.LengthPrefix);
        _setStatus = new ReadOnlySequence<byte>(writer.WrittenMemory.ToArray());
    }

    [Benchmark(Description = "frame-scan-heartbeats", OperationsPerInvoke = Beats)]
    public int ScanHeartbeats() => HeartbeatScanner.Consume(_heartbeats, out _);

    [Benchmark(Description = "frame-read-set-status")]
    public bool ReadSetStatus()
    {
        ReadOnlySequence<byte> buffer = _setStatus;
        FrameReader.TryRead(ref buffer, ProtocolLimits.MaxFrameBytes, out ReadOnlySequence<byte> payload, out _);
        return ClientFrames.TryParse(payload, out _, out _);
    }

    [Benchmark(Description = "frame-write-update")]
    public int WriteUpdate() => UpdateFrame.Write(_buffer, _state, Framing.LengthPrefix);

    [Benchmark(Description = "frame-write-page-of-1000", OperationsPerInvoke = 1_000)]
    public int WritePage()
    {
        var page = new PresencePage(_buffer, ProtocolLimits.MaxFrameBytes, Framing.LengthPrefix, 1, snapshot: true);
        for (int i = 0; i < 1_000; i++)
        {
            page.TryAdd(_state);
        }

        return page.Complete(more: false).Length;
    }

    [Benchmark(Description = "frame-write-heartbeat-ack")]
    public int WriteHeartbeatAck() => HeartbeatAckFrame.Write(_buffer, 1_790_000_000_000, 30_000, Framing.LengthPrefix);
}
