namespace Presence.LoadClient.Scenarios.Celebrity;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Watchers, each on one connection.</param>
/// <param name="FlipsPerSecond">Status changes of the one that all watch.</param>
internal sealed record CelebrityOptions(int Connections, double FlipsPerSecond) : IScenarioOptions
{
    public long Users => Connections + 1L;

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 1, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--flips", FlipsPerSecond, 0, OptionFaults.MostPerSecond);
}
