namespace Presence.Scenarios.Recoveries;

/// <summary>How many records a server starts on.</summary>
/// <param name="Name">By which it is run.</param>
/// <param name="Users">One record each; an invisible user, of whom there are few, has two.</param>
/// <param name="MemoryBudget">Of the server that wrote them and of the one that reads them, in bytes.</param>
internal sealed record RecoverySetup(string Name, long Users, long MemoryBudget)
{
    public static IReadOnlyList<RecoverySetup> All { get; } =
    [
        new("recovery10m", 10_000_000, 1_000_000_000),
        new("recovery100m", 100_000_000, 6_000_000_000),
    ];
}
