using BenchmarkDotNet.Attributes;

namespace Presence.Micro;

/// <summary>Deadlines of a million live sessions that fire, find a newer frame in the connection's cell and are armed anew: all the wheel does for them.</summary>
[MemoryDiagnoser]
public class RevisitBenchmarks
{
    private const int Sessions = 1_000_000;

    private EngineHost _host = null!;

    [GlobalSetup]
    public void Setup() => _host = new EngineHost(Sessions);

    /// <summary>d + 2δ of engine time, all sessions beating once in it, with no deadline met.</summary>
    [Benchmark(Description = "revisit", OperationsPerInvoke = Sessions)]
    public long Revisit()
    {
        foreach (CopyingConnection connection in _host.Connections)
        {
            connection.Touch(_host.Shard.Clock.At(_host.MonoMs));
        }

        long before = _host.Shard.Counters.DeadlinesVisited;
        for (int tick = 0; tick < 399; tick++)
        {
            _host.MonoMs += 100;
            _host.Settle();
        }

        return _host.Shard.Counters.DeadlinesVisited - before;
    }
}
