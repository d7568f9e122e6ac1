using BenchmarkDotNet.Attributes;
using Presence.Protocol;

namespace Presence.Micro;

/// <summary>What a heartbeat costs the engine: the store of a plain one, the message of one that asks for something.</summary>
[MemoryDiagnoser]
public class HeartbeatBenchmarks
{
    private const int Sessions = 10_000;

    private static readonly byte[] _heartbeat = [2, 8, 0];

    private EngineHost _host = null!;

    [GlobalSetup]
    public void Setup() => _host = new EngineHost(Sessions);

    [Benchmark(Description = "heartbeat-plain", OperationsPerInvoke = Sessions)]
    public int Plain()
    {
        int consumed = 0;
        foreach (CopyingConnection connection in _host.Connections)
        {
            consumed += HeartbeatScanner.Consume(_heartbeat, out _);
            connection.Touch(_host.Shard.Clock.At(_host.MonoMs));
        }

        return consumed;
    }

    [Benchmark(Description = "heartbeat-acked", OperationsPerInvoke = Sessions)]
    public void Acked()
    {
        foreach (CopyingConnection connection in _host.Connections)
        {
            connection.Touch(_host.Shard.Clock.At(_host.MonoMs));
            _host.Shard.Inbox.TryPostBeat(connection, HeartbeatFlags.WantAck);
        }

        _host.Settle();
    }
}
