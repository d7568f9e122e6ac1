using System.Globalization;
using BenchmarkDotNet.Attributes;

namespace Presence.Micro;

/// <summary>
/// What a gateway link's users cost the engine, in an order that no cache can foresee. A million of them unless PRESENCE_MICRO_USERS says
/// another number; at the sizes that matter run <c>Micro links</c>, which does it once.
/// </summary>
[MemoryDiagnoser]
public class LinkBenchmarks
{
    private const int Operations = 1 << 18;

    private LinkHost _host = null!;

    [GlobalSetup]
    public void Setup()
    {
        string? users = Environment.GetEnvironmentVariable("PRESENCE_MICRO_USERS");
        _host = new LinkHost(users is null ? 1 << 20 : int.Parse(users, CultureInfo.InvariantCulture));
        _host.ComeUp();
        _host.Complete();
    }

    [Benchmark(Description = "link-beats", OperationsPerInvoke = Operations)]
    public void Beats() => _host.Beat(Operations);

    /// <summary>Users who leave and come again, each with its transition, over a store that keeps nothing.</summary>
    [Benchmark(Description = "link-down-and-up", OperationsPerInvoke = Operations)]
    public void DownAndUp() => _host.LeaveAndComeUp(Operations);
}
