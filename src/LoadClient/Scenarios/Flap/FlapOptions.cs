using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Flap;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Bouncers">Users that lose their connection and come back.</param>
/// <param name="Watchers">Users that watch them, and stay.</param>
/// <param name="Watches">How many of them each watcher watches.</param>
/// <param name="BouncesPerSecond">Connections lost, over all.</param>
/// <param name="LongShare">0 … 1: of the bounces that are longer than the hold.</param>
internal sealed record FlapOptions(int Bouncers, int Watchers, int Watches, double BouncesPerSecond, double LongShare) : IScenarioOptions
{
    public long Users => (long)Bouncers + Watchers;

    public string? Fault() =>
        OptionFaults.OutOf("--users", Bouncers, 1, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watchers", Watchers, 1, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 1, Math.Min(Bouncers, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--bounces", BouncesPerSecond, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--long-share", LongShare, 0, 1);
}
