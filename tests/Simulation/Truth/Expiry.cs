using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// When devices are gone: h after their connection was lost, d + 2δ after they were heard, and the phantoms of a restart d + 4δ after it accepted; at the tick
/// of the wheel that is not before it, never earlier and never later (P3, P4).
/// </summary>
internal sealed class Expiry(Truth truth, Settings settings)
{
    private const long TickMs = 100;

    private readonly List<TrueDevice> _devices = [];

    /// <summary>Looks at whoever the turn was about, and at whom something may have become of meanwhile; nothing has of anybody else.</summary>
    public void Run(TrueTurn turn, ShardTruth shard)
    {
        while (shard.Due.TryTake(turn.MonoMs, out TrueUser? due))
        {
            turn.Touch(due);
        }

        foreach (TrueUser user in turn.Touched)
        {
            truth.Statuses.Expire(user, turn);
            user.Causes += user.Delayed.Count;
            if (shard.IsStopping)
            {
                LookAtPhantom(user, turn);
            }
            else
            {
                LookAtDevices(user, turn);
            }

            // Engine time never goes faster than the clock, so it is not before that; a device that is heard meanwhile is due later.
            if (NextOf(user, turn, shard) is var next and < long.MaxValue)
            {
                shard.Due.Arm(user, turn.MonoMs + Math.Max(0, next - turn.EngineMs));
            }
        }
    }

    private void LookAtDevices(TrueUser user, TrueTurn turn)
    {
        _devices.Clear();
        _devices.AddRange(user.Devices);
        foreach (TrueDevice device in _devices)
        {
            Look(user, device, turn);
        }
    }

    // While a node stops nobody expires; but who comes to be known of before a restart, when the time to come back was over before, is offline.
    private static void LookAtPhantom(TrueUser user, TrueTurn turn)
    {
        if (user.Find(0) is { } phantom)
        {
            phantom.MayBeGone |= turn.EngineMs >= phantom.DueMs;
        }
    }

    // Engine time.
    private long NextOf(TrueUser user, TrueTurn turn, ShardTruth shard)
    {
        long next = long.MaxValue;
        foreach (DelayedStatus delayed in user.Delayed)
        {
            next = Math.Min(next, delayed.UntilMs);
        }

        foreach (TrueDevice device in user.Devices)
        {
            next = shard.IsStopping ? next : Math.Min(next, Math.Min(EarliestOf(device, turn), AwayOf(device)));
        }

        return next;
    }

    private void Look(TrueUser user, TrueDevice device, TrueTurn turn)
    {
        LookAtActivity(user, device, turn);
        long due = DueOf(device, turn);
        // The wheel comes by at the tick; it may come by before for another reason, and what stands for users of before is judged when somebody asks.
        device.MayBeGone = device.MayHaveGone || (turn.EngineMs >= due && device.Standing != Standing.Held);
        bool isGone = device.Connection?.ClosedWith == CloseCode.HeartbeatTimeout && device.MayBeGone;
        bool isTime = turn.Tick >= (due + TickMs - 1) / TickMs;
        device.MayBeGone |= isTime;
        if (!isGone && !(isTime && turn.Thread.IsIdle))
        {
            user.Causes += device.MayBeGone ? 1 : 0;
            return;
        }

        if (device.Connection is { Port.ReaderPaused: true } paused)
        {
            paused.IsPaused(turn.MonoMs);
            return;
        }

        user.Causes++;
        Go(user, device, turn);
    }

    // Engine time from which it may be gone; at the next tick it must be.
    private long DueOf(TrueDevice device, TrueTurn turn) =>
        device.Connection is { } connection ? turn.EngineOf(connection.AsGoodAsHeardMs) + settings.SilentAfterMs(connection.Pace.Of(connection.AsGoodAsHeardMs)) : device.DueMs;

    // The same, if the next frame says that it keeps to a shorter interval.
    private long EarliestOf(TrueDevice device, TrueTurn turn)
    {
        long due = DueOf(device, turn);
        return device.Connection is { } connection && connection.Pace.ShorterFromMs(connection.AsGoodAsHeardMs) is var fromMs and < long.MaxValue
            ? Math.Min(due, turn.EngineOf(fromMs) + settings.SilentAfterMs(connection.Pace.ToldMs))
            : due;
    }

    private void Go(TrueUser user, TrueDevice device, TrueTurn turn)
    {
        if (device.Standing == Standing.Recovering)
        {
            user.Devices.Remove(device);
            return;
        }

        long seen = turn.WallMs - (turn.MonoMs - (device.Connection?.HeardMs ?? device.SeenMs));
        long later = device.Connection is { } connection ? connection.AsGoodAsHeardMs - connection.HeardMs : device.LaterMs;
        truth.Leave(user, device, (seen, seen + later), turn);
    }

    // The wheel looks at it when it comes by, so that it may be so from its time on.
    private void LookAtActivity(TrueUser user, TrueDevice device, TrueTurn turn)
    {
        device.MayBeAway |= turn.EngineMs >= AwayOf(device);
        user.Causes += device.MayBeAway ? 1 : 0;
    }

    // Engine time from which the server may set it AWAY; never for one that may be so already.
    private long AwayOf(TrueDevice device) =>
        settings.Options.AwayAfterMs > 0 && device is { MayBeAway: false, ReportsActivity: true, Connection: { } connection } && device.Status.Has(Status.Online)
            ? connection.ActiveAtMs + settings.Options.AwayAfterMs
            : long.MaxValue;
}
