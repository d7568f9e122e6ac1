namespace Presence.Scenarios.Rows;

/// <summary>Every row there is, in the order of the results.</summary>
internal static class AllRows
{
    public static IReadOnlyList<IRow> All { get; } =
    [
        IdleMemory.OverTcp,
        IdleMemory.OverWebSocket,
        IdleMemory.OverHttpWebSocket,
        IdleMemory.OverTls,
        new HeartbeatBurst(),
        HeartbeatMax.Max,
        HeartbeatMax.Acked,
        new SessionOpening(),
        new Fanout(watchers: 20, flips: 100, showsCost: false),
        new Fanout(watchers: 1_000, flips: 30, showsCost: true),
    ];
}
