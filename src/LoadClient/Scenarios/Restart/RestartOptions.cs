using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users, each on one connection, who watch each other.</param>
/// <param name="Watches">Others of them that each watches.</param>
/// <param name="FlipsPerSecond">Status changes over all of them until the server is lost, each time.</param>
/// <param name="Restarts">How often the server is to be lost.</param>
/// <param name="AwayShare">0 … 1: how many of them do not come back from the last time.</param>
/// <param name="Tolerance">δ of the server, which no client is told.</param>
internal sealed record RestartOptions(int Connections, int Watches, double FlipsPerSecond, int Restarts, double AwayShare, TimeSpan Tolerance)
    : IScenarioOptions
{
    private const int MostRestarts = 1_000;

    public long Users => Connections;

    /// <summary>Users who do not come back from the last restart: the first ones.</summary>
    public int Leavers => (int)(Connections * AwayShare);

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 2, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 1, Math.Min(Connections - 1, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--flips", FlipsPerSecond, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--restarts", Restarts, 1, MostRestarts)
        ?? OptionFaults.OutOf("--stay-away", AwayShare, 0, 0.9);
}
