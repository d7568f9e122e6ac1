using BenchmarkDotNet.Attributes;
using Presence.Engine;

namespace Presence.Micro;

/// <summary>The timing wheel alone with a million deadlines, in random order as sessions come.</summary>
[MemoryDiagnoser]
public class WheelBenchmarks : IDisposable
{
    private const int Timers = 1_000_000;
    private const uint Round = 400;

    private readonly WheelLink[] _links = new WheelLink[Timers];
    private readonly int[] _order = [.. Enumerable.Range(0, Timers)];
    private readonly int[] _due = new int[64];
    private TimingWheel<Links> _wheel = null!;
    private uint _now;

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).Shuffle(_order);
        _wheel = new TimingWheel<Links>(new Links(_links), _now);
        Arm();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _wheel.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "wheel-arm", OperationsPerInvoke = Timers)]
    public void Arm()
    {
        foreach (int node in _order)
        {
            _wheel.Arm(node, _now + 1 + ((uint)node % Round));
        }
    }

    /// <summary>A whole round of d + 2δ: each deadline fires once and is armed for the next round.</summary>
    [Benchmark(Description = "wheel-fire-and-rearm", OperationsPerInvoke = Timers)]
    public int FireAndRearm()
    {
        int fired = 0;
        for (uint end = _now + Round; _now < end;)
        {
            _now++;
            int taken;
            do
            {
                taken = _wheel.TakeDue(_now, _due);
                foreach (int node in _due.AsSpan(0, taken))
                {
                    _wheel.Arm(node, _now + Round);
                }

                fired += taken;
            }
            while (taken == _due.Length);
        }

        return fired;
    }

    private readonly struct Links(WheelLink[] links) : IWheelNodes
    {
        public ref WheelLink Link(int node) => ref links[node];

        public void Prefetch(int node)
        {
        }
    }
}
