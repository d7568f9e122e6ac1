using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// When devices are gone: h after their connection was lost, d + 2δ after they were heard, and the phantoms of a restart d + 4δ after it accepted; at the tick
/// of the wheel that is not before it, never earlier and never later (P3, P4).
/// </summary>
internal sealed class Expiry(Truth truth, Settings settings)
{
    private const long TickMs = 100;

    // How often what stands for users of before a restart is looked at while a link may bring them back.
    private const long LookAgainMs = 1_000;

    private readonly List<TrueDevice> _devices = [];

    public void Run(TrueTurn turn, ShardTruth shard)
    {
        if (!shard.IsStopping && turn.Tick != shard.LookedAtTick)
        {
            shard.LookedAtTick = turn.Tick;
            TrueLinks.Tick(shard, turn);
        }

        foreach (TrueUser user in shard.Users)
        {
            truth.Statuses.Expire(user, turn);
            user.Causes += user.Delayed.Count;
            if (user.Devices.Count == 0 || shard.IsStopping)
            {
                continue;
            }

            _devices.Clear();
            _devices.AddRange(user.Devices);
            foreach (TrueDevice device in _devices)
            {
                Look(user, device, shard, turn);
            }
        }
    }

    private void Look(TrueUser user, TrueDevice device, ShardTruth shard, TrueTurn turn)
    {
        LookAtActivity(user, device, turn);
        (long due, long latest) = DueOf(device, shard, turn);
        // The wheel comes by at the tick; it may come by before for another reason, and what stands for users of before is judged when somebody asks.
        device.MayBeGone = turn.EngineMs >= due && device.Standing != Standing.Held;
        bool isGone = device.Connection?.ClosedWith == CloseCode.HeartbeatTimeout && device.MayBeGone;
        bool isTime = turn.Tick >= (latest + TickMs - 1) / TickMs;
        device.MayBeGone |= isTime;
        if (!isGone && !(isTime && turn.Thread.IsIdle))
        {
            user.Causes += device.MayBeGone ? 1 : 0;
            return;
        }

        if (device.Connection is { Port.ReaderPaused: true } paused)
        {
            paused.Heard(turn.MonoMs);
            return;
        }

        user.Causes++;
        Go(user, device, turn);
    }

    // Engine times from which it may be gone, and must be at the next tick.
    private (long Due, long Latest) DueOf(TrueDevice device, ShardTruth shard, TrueTurn turn)
    {
        if (device.Standing == Standing.Recovering)
        {
            long due = shard.HoldsRecovery ? long.MaxValue / 2 : Math.Max(device.DueMs, shard.HeldRecoveryUntilMs);
            return (due, due + (due > device.DueMs ? LookAgainMs : 0));
        }

        long silent = device switch
        {
            { Connection: { } connection } => turn.EngineOf(connection.HeardMs) + settings.SilentAfterMs,
            { Link: { Judges: true } link } => Math.Max(turn.EngineOf(device.SeenMs), link.SilenceFromMs) + settings.SilentAfterMs,
            { Link: not null } => long.MaxValue / 2,
            _ => device.DueMs,
        };
        return (silent, silent);
    }

    private void Go(TrueUser user, TrueDevice device, TrueTurn turn)
    {
        if (device.Standing == Standing.Recovering)
        {
            user.Devices.Remove(device);
            return;
        }

        long seen = turn.WallMs - (turn.MonoMs - (device.Connection?.HeardMs ?? device.SeenMs));
        truth.Leave(user, device, (seen, seen + (device.Connection is null ? device.LaterMs : 0)), turn);
    }

    // The wheel looks at it when it comes by, so that it may be so from its time on.
    private void LookAtActivity(TrueUser user, TrueDevice device, TrueTurn turn)
    {
        if (settings.Options.AwayAfterMs > 0
            && device is { ReportsActivity: true, Connection: { } connection }
            && device.Status.Has(Status.Online)
            && turn.EngineMs >= connection.ActiveAtMs + settings.Options.AwayAfterMs)
        {
            device.MayBeAway = true;
        }

        user.Causes += device.MayBeAway ? 1 : 0;
    }
}
