using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Friends;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users, each on one connection.</param>
/// <param name="Watches">Others that each of them watches; less than the connections.</param>
/// <param name="FlipsPerSecond">Status changes over all users; 0: none.</param>
internal sealed record FriendsOptions(int Connections, int Watches, double FlipsPerSecond) : IScenarioOptions
{
    public long Users => Connections;

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 2, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 0, Math.Min(Connections - 1, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--flips", FlipsPerSecond, 0, OptionFaults.MostPerSecond);
}
