using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Nodes;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Users, each on one connection, who watch each other.</param>
/// <param name="Watches">Others of them that each watches.</param>
/// <param name="FlipsPerSecond">Status changes over all of them, whatever fails meanwhile.</param>
/// <param name="AwayShare">0 … 1: how many of them do not come back when they are lost.</param>
/// <param name="Tolerance">δ of the server, which no client is told.</param>
/// <param name="UntilTold">It ends by a line on standard input, not by the duration.</param>
internal sealed record NodesOptions(int Connections, int Watches, double FlipsPerSecond, double AwayShare, TimeSpan Tolerance, bool UntilTold)
    : IScenarioOptions
{
    public long Users => Connections;

    /// <summary>Users who do not come back: the first ones.</summary>
    public int Leavers => (int)(Connections * AwayShare);

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 2, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--watch", Watches, 1, Math.Min(Connections - 1, ProtocolLimits.MaxWatches))
        ?? OptionFaults.OutOf("--flips", FlipsPerSecond, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--stay-away", AwayShare, 0, 0.9);
}
