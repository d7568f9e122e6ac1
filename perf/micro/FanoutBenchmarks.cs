using BenchmarkDotNet.Attributes;
using Presence.Engine;
using Presence.V1;

namespace Presence.Micro;

/// <summary>One change from message to the buffers of all its watchers, each flushed once; divided by the watchers.</summary>
[MemoryDiagnoser]
public class FanoutBenchmarks
{
    private const int Watchers = 1_000;
    private const ulong Watched = 1;

    private EngineHost _host = null!;
    private SetStatusRequest[] _flips = [];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _host = new EngineHost(Watchers, Watched);
        ConnectionPort device = _host.Connections[0];
        _flips = [new(device, 1, Status.Busy, text: null), new(device, 2, Status.Online, text: null)];
    }

    [Benchmark(Description = "fanout-of-1000", OperationsPerInvoke = Watchers)]
    public void Fanout()
    {
        _host.Shard.Inbox.TryPostLiveness(_flips[_next ^= 1]);
        _host.Settle();
    }
}
