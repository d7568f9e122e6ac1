using Presence.Server.Hosting;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>What the shards hold and how they get on: by shard, because one of them can be in trouble alone.</summary>
internal static class ShardInstruments
{
    private const string Lane = "lane";
    private const string Source = "source";

    public static IEnumerable<LatencyFeed> Add(NodeMeter meter, ShardSet shards)
    {
        AddLevels(meter, shards);
        AddTurns(meter, shards);
        var lags = meter.Latency("presence.shard.turn.lag", "How long after they were due turns began; of every eighth turn.");
        return shards.All.Select(shard => new LatencyFeed(shard.Lags, lags, new KeyValuePair<string, object?>("shard", shard.Number)));
    }

    private static void AddLevels(NodeMeter meter, ShardSet shards)
    {
        meter.Level("presence.sessions", "{session}", "Devices of users in memory: live, held, recovering, and those of links.", Attributes.Each(shards, static shard => shard.Counters.Levels.Sessions));
        meter.Level("presence.users", "{user}", "Users in memory.", Attributes.Each(shards, static shard => shard.Counters.Levels.Users));
        meter.Level("presence.users.loading", "{user}", "Users in memory of whom the store has not said yet what it keeps.", () => shards.Sum(static shard => shard.Levels.UsersLoading));
        meter.Level("presence.link.sessions", "{session}", "Sessions that gateway links carry.", () => shards.Sum(static shard => shard.LinkSessions.Sum()));
        meter.Level("presence.watches", "{watch}", "Watches of all connections.", Attributes.Each(shards, static shard => shard.Counters.Levels.Watches));
        meter.Level("presence.users.watched", "{user}", "Users whom at least one connection watches, once for each shard that they are watched on.", () => shards.Sum(static shard => shard.Levels.WatchedUsers));
        meter.Level("presence.deadlines", "{deadline}", "Deadlines on the timing wheels.", () => shards.Sum(static shard => shard.Levels.Deadlines));
        meter.Level("presence.fanouts", "{fanout}", "Changes whose watchers are not all served yet.", () => shards.Sum(static shard => shard.Levels.Fanouts));
        meter.Level("presence.statuses.waiting", "{status}", "Explicit statuses that wait for their user's rate.", () => shards.Sum(static shard => shard.Levels.DelayedStatuses));
        meter.Level("presence.statuses.unacknowledged", "{status}", "Explicit statuses that are shown and wait for the journal.", () => shards.Sum(static shard => shard.Levels.WaitingForJournal));
    }

    private static void AddTurns(NodeMeter meter, ShardSet shards)
    {
        meter.Level("presence.shard.inbox", "{message}", "Messages that wait in a shard's inbox.",
        [
            .. Attributes.Each(shards, static shard => (long)shard.Inbox.LivenessDepth, new KeyValuePair<string, object?>(Lane, "liveness")),
            .. Attributes.Each(shards, static shard => (long)shard.Inbox.ReadDepth, new KeyValuePair<string, object?>(Lane, "reads")),
        ]);
        meter.Count("presence.shard.turns", "{turn}", "Turns of a shard.", Attributes.Each(shards, static shard => shard.Counters.Turns));
        meter.Time("presence.shard.turn.time", "Time that a shard has spent in turns.", Attributes.Each(shards, static shard => shard.Busy.TotalSeconds));
        meter.Gauge("presence.shard.turn.longest", "s", "The longest turn of any shard since the start.", () => shards.All.Max(static shard => shard.LongestTurn.TotalSeconds));
        meter.Count("presence.heartbeats", "{heartbeat}", "Heartbeats of sessions, and users named in beats of links.",
        [
            .. Attributes.Each(shards, static shard => shard.Heartbeats, new KeyValuePair<string, object?>(Source, "session")),
            .. Attributes.Each(shards, static shard => shard.Counters.LinkBeats, new KeyValuePair<string, object?>(Source, "link")),
        ]);
        meter.Count("presence.deadlines.visited", "{deadline}", "Deadlines that fired and were judged.", () => shards.Sum(static shard => shard.DeadlinesVisited));
        meter.Count("presence.clock.gaps", "{gap}", "Silences over a second of a shard's loop or of the I/O canary; nobody expires for them.", Attributes.Each(shards, static shard => shard.Clock.Gaps));
        meter.Time("presence.clock.skipped", "Time that did not count because of them.", Attributes.Each(shards, static shard => shard.Clock.SkippedMs / 1e3));
    }
}
