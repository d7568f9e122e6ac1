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
internal readonly record struct Welcomed(ServerConnection Connection, SessionWelcome Welcome);

/// <summary>One turn of a shard: what it was told, what it said, and what its clocks were.</summary>
internal sealed class TrueTurn(ShardThread thread)
{
    private long _number;

    public ShardThread Thread { get; } = thread;

    public long EngineMs { get; private set; }

    public long MonoMs { get; private set; }

    public long WallMs { get; private set; }

    /// <summary>Users whom it was about.</summary>
    public List<TrueUser> Touched { get; } = [];

    /// <summary>What was posted to the liveness lane and has been applied, in order.</summary>
    public List<TrueEvent> Applied { get; } = [];

    /// <summary>What the home has handed the store, in order.</summary>
    public List<Stored> Stored { get; } = [];

    public List<Welcomed> Welcomed { get; } = [];

    /// <summary>Requests that were answered with an Ack, in order.</summary>
    public List<(TrueConnection Connection, ulong RequestId)> Acked { get; } = [];

    /// <summary>Heartbeat intervals that were said.</summary>
    public HashSet<uint> Told { get; } = [];

    /// <summary>Requests that were refused because the node is overloaded, and for what.</summary>
    public Dictionary<(TrueConnection Connection, ulong RequestId), string> Shed { get; } = [];

    /// <summary>Steps of overload that the shard was in.</summary>
    public List<OverloadStep> Steps { get; } = [];

    /// <summary>Connections that the shard has closed.</summary>
    public List<ServerConnection> Closed { get; } = [];

    /// <summary>Users whose question the store had answered before the turn.</summary>
    public HashSet<ulong> Loaded { get; } = [];

    /// <summary>The tick of the wheel whose deadlines have fired.</summary>
    public long Tick => EngineMs / 100;

    /// <summary>How many of <see cref="Acked"/> have been taken for applied.</summary>
    public int AckedTaken { get; set; }

    /// <summary>Forgets the turn before; the same object serves all of a shard.</summary>
    /// <param name="number">No other turn of the run has it.</param>
    public void Begin(long number)
    {
        _number = number;
        AckedTaken = 0;
        Touched.Clear();
        Applied.Clear();
        Stored.Clear();
        Welcomed.Clear();
        Acked.Clear();
        Closed.Clear();
        Told.Clear();
        Shed.Clear();
        Steps.Clear();
        Loaded.Clear();
    }

    /// <summary>It is about this user.</summary>
    public void Touch(TrueUser user)
    {
        if (user.TouchedIn != _number)
        {
            (user.TouchedIn, user.Causes, user.Transitions) = (_number, 0, 0);
            Touched.Add(user);
        }
    }

    /// <summary>Something happened to this user that may be a transition.</summary>
    public void Cause(TrueUser user, int causes = 1)
    {
        Touch(user);
        user.Causes += causes;
    }

    public void End(EngineClock clock, in TurnTime time) => (EngineMs, MonoMs, WallMs) = (clock.Now, time.MonoMs, time.WallMs);

    /// <summary>Engine time of a monotonic time that is past; what of it was left out since is checked beside (<see cref="Look"/>).</summary>
    public long EngineOf(long monoMs) => Thread.Shard.Clock.EngineOf(Thread.Shard.Clock.At(monoMs));
}
