using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>The last-active store, its checkpoints, the journal and the room they have.</summary>
internal static class StorageInstruments
{
    public static IEnumerable<LatencyFeed> Add(NodeMeter meter, LastActiveStore store, DiskJournal journal, FreeSpace free, TimeProvider time)
    {
        AddStore(meter, store);
        AddCheckpoints(meter, store, time);
        AddJournal(meter, journal);
        meter.Level("presence.storage.free", "By", "What is free where the data directory is; as of some seconds ago.", () => free.Bytes);
        return [new LatencyFeed(journal.CommitTimes, meter.Latency("presence.journal.commit.duration", "What a commit takes, with its sync."))];
    }

    private static void AddStore(NodeMeter meter, LastActiveStore store)
    {
        meter.Level("presence.store.records", "{record}", "Users the store has a record of.", () => store.Health.Records);
        meter.Level("presence.store.memory", "By", "What their records and index take of Presence:Store:MemoryBudget.", () => store.Health.MemoryBytes);
        meter.Level("presence.store.pending", "{user}", "Users whose newest record waits for the store's thread.", () => store.Health.PendingUsers);
        meter.Level("presence.store.unloaded", "{record}", "Records that a start has not loaded yet; their users are UNKNOWN.", () => store.Health.ToLoad - store.Health.Loaded);
        meter.Count("presence.store.refused", "{record}", "Records of new users that did not fit in memory and were not kept.", () => store.Health.RefusedNewUsers);
    }

    private static void AddCheckpoints(NodeMeter meter, LastActiveStore store, TimeProvider time)
    {
        meter.Count("presence.checkpoints", "{checkpoint}", "Checkpoints completed.", () => store.Health.Checkpoints);
        meter.Gauge("presence.checkpoint.duration", "s", "How long the newest took; 0 before the first.", () => store.Health.CheckpointTook.TotalSeconds);
        meter.Gauge("presence.checkpoint.age", "s", "Since the newest, of this process or an earlier one; it grows while nothing changes. -1 when there is none.", () => AgeOf(store.Health.LastCheckpointMs, time));
    }

    private static void AddJournal(NodeMeter meter, DiskJournal journal)
    {
        meter.Count("presence.journal.commits", "{commit}", "Commits that succeeded.", () => journal.Health.Commits);
        meter.Count("presence.journal.failures", "{commit}", "Commits that failed; what was in them is tried again.", () => journal.Health.Failures);
        meter.Level("presence.journal.size", "By", "Bytes of the journal's segments.", () => journal.Tail.Extent.Bytes);
        meter.Level("presence.journal.segments", "{segment}", "Segments that are kept.", () => journal.Tail.Extent.Segments);
        meter.Level("presence.journal.late", "{user}", "Users of whom only the newest change waits, because the disk is behind.", () => journal.Health.Late);
        meter.Count("presence.journal.coalesced", "{transition}", "Changes that were replaced by a newer one of their user before they could be written.", () => journal.Health.Coalesced);
        meter.Count("presence.journal.left_out", "{transition}", "Changes that the journal does not have because the disk was too far behind.", () => journal.Health.LeftOut);
    }

    private static double AgeOf(long checkpointMs, TimeProvider time) =>
        checkpointMs < 0 ? -1 : Math.Max(0, time.GetUtcNow().ToUnixTimeMilliseconds() - checkpointMs) / 1e3;
}
