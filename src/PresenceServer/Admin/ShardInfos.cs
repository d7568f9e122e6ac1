using Presence.Admin.V1;
using Presence.Engine;
using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>What is known of a shard, as the message that tells it.</summary>
internal static class ShardInfos
{
    public static ShardInfo Of(ShardHost shard, ShardReport report, in ShardRate rate)
    {
        var info = new ShardInfo
        {
            Shard = (uint)shard.Number,
            Connections = (uint)report.Connections,
            Sessions = (ulong)report.Devices,
            Users = (ulong)report.Users,
            Watches = (ulong)report.Watches,
            WatchedUsers = (ulong)report.WatchedUsers,
            InboxLiveness = (uint)shard.Inbox.LivenessDepth,
            InboxReads = (uint)shard.Inbox.ReadDepth,
            Deadlines = (ulong)report.Deadlines,
            Fanouts = (uint)report.Fanouts,
            DelayedStatuses = (uint)report.DelayedStatuses,
            MemoryBytes = (ulong)report.MemoryBytes,
            RateWindowMs = (uint)rate.Window.TotalMilliseconds,
            HeartbeatsPerSecond = rate.Heartbeats,
            TransitionsPerSecond = rate.Transitions,
            DeliveriesPerSecond = rate.Deliveries,
            TurnsPerSecond = rate.Turns,
            LoopLagMeanUs = (ulong)rate.MeanLag.TotalMicroseconds,
            LoopLagMaxUs = (ulong)rate.LongestLag.TotalMicroseconds,
            Gaps = (ulong)report.Gaps,
            SkippedMs = (ulong)report.SkippedMs,
            RecoveringForMs = (ulong)report.RecoveringForMs,
            LinkSessions = (ulong)report.LinkSessions,
        };
        AddCounts(info, shard);
        return info;
    }

    private static void AddCounts(ShardInfo info, ShardHost shard)
    {
        ShardCounters counters = shard.Counters;
        info.Heartbeats = (ulong)shard.Heartbeats;
        info.LinkBeats = (ulong)counters.LinkBeats;
        info.Deliveries = (ulong)counters.Deliveries;
        info.DeliveriesCoalesced = (ulong)counters.DeliveriesCoalesced;
        info.SessionsOpened = (ulong)counters.SessionsOpened;
        info.SessionsResumed = (ulong)counters.SessionsResumed;
        info.SessionsRefused = (ulong)counters.SessionsRefused;
        info.Closed = (ulong)counters.Closed;
        info.SlowConsumers = (ulong)counters.SlowConsumers;
        foreach (TransitionCause cause in Enum.GetValues<TransitionCause>())
        {
            info.Transitions[NameOf(cause)] = (ulong)counters.Transitions[(int)cause];
        }
    }

    // Names are API: they do not change with the code.
    public static string NameOf(TransitionCause cause) => cause switch
    {
        TransitionCause.Up => "up",
        TransitionCause.Explicit => "explicit",
        TransitionCause.Goodbye => "goodbye",
        TransitionCause.HoldOver => "hold_over",
        TransitionCause.Silent => "silent",
        TransitionCause.Activity => "activity",
        TransitionCause.LeaseOver => "lease_over",
        TransitionCause.RecoveringOver => "recovering_over",
        TransitionCause.Revoked => "revoked",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "A cause without a name; give it one here and in infos.proto."),
    };
}
