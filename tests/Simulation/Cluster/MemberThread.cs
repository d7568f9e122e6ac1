using Presence.Engine;

namespace Presence.Simulation;

/// <summary>One shard of a member and the thread that it has at the host: a turn when somebody wakes it, at once when there is more to do, and else once a tick.</summary>
internal sealed class MemberThread(ClusterWorld world, MemberProcess process, Chance chance) : IWake
{
    private const long TickMs = 100;
    private const long WakeMs = 2;

    private long _dueMs = long.MaxValue;
    private long _busyUntilMs;
    private bool _isTurning;

    public Shard Shard { get; set; } = null!;

    public Inbox Inbox => Shard.Inbox;

    public void Wake() => TurnBy(Math.Max(_busyUntilMs, world.Agenda.Now + (_isTurning ? 0 : chance.Between(0, WakeMs))));

    /// <summary>Posts to the liveness lane, which has room for all that the clients of such a world say.</summary>
    public void Post(ShardMessage message) => Check(Inbox.TryPostLiveness(message));

    public static void Check(bool isPosted)
    {
        if (!isPosted)
        {
            throw new InvalidOperationException("A lane is full: the world is too large for its inboxes.");
        }
    }

    private void TurnBy(long ms)
    {
        if (ms < _dueMs)
        {
            _dueMs = ms;
            world.Agenda.At(ms, () => TurnAt(ms));
        }
    }

    private void TurnAt(long ms)
    {
        // An earlier turn has taken its place, or the process is gone.
        if (ms != _dueMs || process.IsDead)
        {
            return;
        }

        _dueMs = long.MaxValue;
        if (process.Member.IsPaused)
        {
            return;
        }

        _isTurning = true;
        bool more = Shard.Turn(process.Member.Time);
        _isTurning = false;
        long turnMs = world.Plan.Settings.TurnMs;
        _busyUntilMs = world.Agenda.Now + (more && turnMs > 1 ? turnMs : 0);
        TurnBy(world.Agenda.Now + (more ? turnMs : TickMs));
    }
}
