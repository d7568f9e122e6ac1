using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users that all lose their connection at once.</param>
/// <param name="Watches">Others of them that each watches.</param>
/// <param name="Watchers">Users that stay, and watch as many of them; with links, as many again watch users on links.</param>
/// <param name="Storms">How often, evenly over the duration.</param>
/// <param name="Sessions">Users on gateway links, which are lost with the connections; 0: there are no links.</param>
/// <param name="Links">Gateways, each with one link.</param>
/// <param name="RampRate">Sessions on links that come up a second, over all links.</param>
/// <param name="Sample">Users on links whose state is verified at the end, drawn from all.</param>
internal sealed record StormOptions(
    int Connections, int Watches, int Watchers, int Storms, long Sessions, int Links, double RampRate, long Sample) : IScenarioOptions
{
    private const int MostStorms = 1_000;

    public long Users => DirectUsers + (Sessions > 0 ? Sessions + Watchers : 0);

    /// <summary>Those that are lost, and those that stay and watch them; users on links have the ids behind theirs.</summary>
    public long DirectUsers => (long)Connections + Watchers;

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 2, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 0, Math.Min(Connections - 1, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--watchers", Watchers, 0, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--storms", Storms, 1, MostStorms)
        ?? OptionFaults.OutOf("--sessions", Sessions, 0, OptionFaults.MostSessions)
        ?? OptionFaults.OutOf("--links", Links, 1, Sessions > 0 ? Math.Min(OptionFaults.MostLinks, Sessions) : OptionFaults.MostLinks)
        ?? OptionFaults.OutOf("--ramp-rate", RampRate, 1, 100.0 * OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--sample", Sample, 0, OptionFaults.MostSessions);
}
