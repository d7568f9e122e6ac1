using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Storm;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users that all lose their connection at once.</param>
/// <param name="Watches">Others of them that each watches.</param>
/// <param name="Watchers">Users that stay, and watch as many of them.</param>
/// <param name="Storms">How often, evenly over the duration.</param>
internal sealed record StormOptions(int Connections, int Watches, int Watchers, int Storms) : IScenarioOptions
{
    private const int MostStorms = 1_000;

    public long Users => (long)Connections + Watchers;

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 2, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 0, Math.Min(Connections - 1, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--watchers", Watchers, 0, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--storms", Storms, 1, MostStorms);
}
