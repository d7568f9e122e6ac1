using Presence.Engine;

namespace Presence.Simulation;

/// <summary>A record that the home has handed the store.</summary>
/// <param name="Record">What.</param>
/// <param name="Before">What was shown of the user until then.</param>
/// <param name="IsNew">Under a version that is new to others.</param>
internal readonly record struct Stored(UserRecord Record, Shown Before, bool IsNew);

/// <summary>A session that has come up.</summary>
/// <param name="Connection">On which.</param>
/// <param name="Welcome">What it was told.</param>
/// <param name="Acked">How many requests had been answered in the turn by then.</param>
internal readonly record struct Welcomed(ServerConnection Connection, SessionWelcome Welcome, int Acked);

/// <summary>One turn of a shard: what it was told, what it said, and what its clocks were.</summary>
internal sealed class TrueTurn(ShardThread thread)
{
    public ShardThread Thread { get; } = thread;

    public long EngineMs { get; private set; }

    public long MonoMs { get; private set; }

    public long WallMs { get; private set; }

    /// <summary>What was posted to the liveness lane and has been applied, in order.</summary>
    public List<TrueEvent> Applied { get; } = [];

    /// <summary>What the home has handed the store, in order.</summary>
    public List<Stored> Stored { get; } = [];

    public List<Welcomed> Welcomed { get; } = [];

    /// <summary>Requests that were answered with an Ack, in order.</summary>
    public List<(ServerConnection Connection, ulong RequestId)> Acked { get; } = [];

    /// <summary>Connections that the shard has closed.</summary>
    public List<ServerConnection> Closed { get; } = [];

    /// <summary>Users whose question the store had answered before the turn.</summary>
    public HashSet<ulong> Loaded { get; } = [];

    /// <summary>The tick of the wheel whose deadlines have fired.</summary>
    public long Tick => EngineMs / 100;

    public void End(EngineClock clock, in TurnTime time) => (EngineMs, MonoMs, WallMs) = (clock.Now, time.MonoMs, time.WallMs);

    /// <summary>Engine time of a monotonic time that is past; what of it was left out since is checked beside (<see cref="Look"/>).</summary>
    public long EngineOf(long monoMs) => Thread.Shard.Clock.EngineOf(Thread.Shard.Clock.At(monoMs));
}
