using Presence.Protocol;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Connections">Readers.</param>
/// <param name="KnownUsers">Users with a session, whom they ask about.</param>
/// <param name="ReadsPerSecond">User ids asked about, over all readers.</param>
/// <param name="IdsPerQuery">In one frame.</param>
/// <param name="FlipsPerSecond">Status changes of the users meanwhile, over all.</param>
internal sealed record ReadOptions(int Connections, int KnownUsers, double ReadsPerSecond, int IdsPerQuery, double FlipsPerSecond)
    : IScenarioOptions
{
    /// <summary>Fewer ids in a frame measure frames, not reads.</summary>
    private const int FewestIds = 16;

    /// <summary>One id in so many is of a user that was never seen.</summary>
    private const int NeverSeenOneIn = 16;

    /// <summary>Users that were never seen.</summary>
    public int NeverSeen => Math.Max(1, KnownUsers / NeverSeenOneIn);

    public long Users => (long)KnownUsers + Connections;

    public string? Fault() =>
        OptionFaults.OutOf("--connections", Connections, 1, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--ids-per-query", IdsPerQuery, FewestIds, ProtocolLimits.MaxIdsPerRequest)
        ?? OptionFaults.OutOf("--users", KnownUsers, IdsPerQuery, OptionFaults.MostConnections)
        ?? OptionFaults.OutOf("--reads", ReadsPerSecond, 0, OptionFaults.MostPerSecond)
        ?? OptionFaults.OutOf("--flips", FlipsPerSecond, 0, OptionFaults.MostPerSecond);
}
