namespace Presence.Simulation;

/// <summary>Mistakes that the simulator must find, each within <see cref="Seeds"/> seeds.</summary>
internal static class PlantedBugs
{
    public const int Seeds = 200;

    /// <summary>The engine as it is, built in the same way.</summary>
    public static PlantedBug None { get; } = new("none", "Nothing.");

    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        new(
            "wheel-late",
            "Deadlines fire a tick late.",
            ("PresenceEngine/Timing/TimingWheel.cs", "(uint)((engineMs + TickMs - 1) / TickMs);", "(uint)((engineMs + TickMs - 1) / TickMs) + 1;")),
        new(
            "wheel-early",
            "Deadlines are rounded down to the tick before.",
            ("PresenceEngine/Timing/TimingWheel.cs", "(uint)((engineMs + TickMs - 1) / TickMs);", "(uint)(engineMs / TickMs);")),
        new(
            "gap-ignored",
            "The time in which the process stood still counts.",
            ("PresenceEngine/Timing/EngineClock.cs", "if (step > GapMs)", "if (step > GapMs * 1_000)")),
        new(
            "canary-ignored",
            "The silence of our own I/O counts.",
            ("PresenceEngine/Timing/EngineClock.cs", "silence > CanaryPeriodMs + GapMs", "silence > CanaryPeriodMs * 1_000_000")),
        new(
            "gap-in-last-active",
            "The time in which the process stood still is left out of last active.",
            ("PresenceEngine/Shards/ShardTime.cs", "WallMs - (clock.Stamp - stamp)", "WallMs - (clock.Now - clock.EngineOf(stamp))")),
        new(
            "version-twice",
            "Two states of a user get one version.",
            ("PresenceEngine/Timing/VersionClock.cs", "isOwn && above < Last", "isOwn && above <= Last")),
        new(
            "hold-not-cancelled",
            "A device that comes back is still held and goes when that is over.",
            ("PresenceEngine/Sessions/Takeovers.cs", "        device.State = DeviceState.Live;\n        device.Status = wanted;", "        device.Status = wanted;")),
        new(
            "token-end-is-goodbye",
            "Who renews a token late is offline at once.",
            ("PresenceEngine/Sessions/Deadlines.cs", "shard.Edge.Close(connection, CloseCode.TokenExpired);",
                "shard.Edge.Down(node, _time.WallMs, TransitionCause.Silent); shard.Edge.Close(connection, CloseCode.TokenExpired);")),
        new(
            "paused-reader-expires",
            "Who is not read, because a lane was full, is taken for silent.",
            ("PresenceEngine/Sessions/Deadlines.cs", "if (connection.ReaderPaused)", "if (connection.ReaderPaused && _time.Now < 0)")),
        new(
            "verdict-is-life",
            "The end of the hold is taken for the last sign of life.",
            ("PresenceEngine/Sessions/Deadlines.cs", "_time.WallAt(shard.Edge.LastSeen(device)), TransitionCause.HoldOver", "_time.WallMs, TransitionCause.HoldOver")),
        new(
            "watches-outlive-close",
            "The watches of a connection stay when it is lost.",
            ("PresenceEngine/Sessions/Edge.cs", "        shard.Watching.Drop(connection);\n    }\n\n    private void Hold(", "    }\n\n    private void Hold(")),
        new(
            "drained-forgets",
            "Who was congested is not told what came meanwhile.",
            ("PresenceEngine/Sessions/Congestion.cs", "shard.Watching.SendState(connection, watched);", "_ = watched;")),
        new(
            "watcher-lost-on-growth",
            "When the watchers of a user move from its record to a list, the second is lost.",
            ("PresenceEngine/Fanout/WatcherSets.cs", "first.CopyTo(Small(ref user));", "first[..1].CopyTo(Small(ref user));")),
        new(
            "watchers-moved-away",
            "Where a list of watchers moves to fill a hole, its user is not told.",
            ("PresenceEngine/Fanout/WatcherSets.cs", "users[moved].List = users[moved].List with { Block = old.Block };", "_ = old.Block;")),
        new(
            "snapshot-overwrites",
            "A snapshot that is older than an update makes the client forget that.",
            ("PresenceEngine/Fanout/Watching.cs", "TakeNewest(ref pending.States[place]);", "_ = place;"),
            ("PresenceEngine/Fanout/Watching.cs", "state.Reset = held > state.Version && state.Status != Status.Unknown;", "state.Reset = held != 0 && held != state.Version;")),
        new(
            "batch-dropped",
            "A batch of two changes or more does not reach the other shards.",
            ("PresenceEngine/Shards/Peers.cs", "lane.Post(batch);", "if (batch.Count < 2) { lane.Post(batch); } else { batch.Release(); }")),
        new(
            "fold-forgets",
            "Of several devices only the kind of the last is shown.",
            ("PresenceEngine/Presence/Fold.cs", "DeviceKinds kinds = best.Kinds | device.Kinds;", "DeviceKinds kinds = device.Kinds;")),
        new(
            "observer-is-there",
            "Who only watches keeps its user from being offline.",
            ("PresenceEngine/Presence/Fold.cs", "if (!device.IsInFold)", "if (device.State == DeviceState.Gone)"),
            ("PresenceEngine/Presence/Fold.cs", "Status status = device.Effective;", "Status status = device.IsInFold ? device.Effective : Status.Away;")),
        new(
            "last-active-back",
            "The device that goes last decides when the user was last active.",
            ("PresenceEngine/Presence/SeenTimes.cs", "Math.Max(time.TrueLastActiveMs, wallMs)", "wallMs")),
        new(
            "resume-is-seen",
            "A session that comes back is a transition.",
            ("PresenceEngine/Presence/Presences.cs", "if (differs || later)", "if (differs || later || cause == TransitionCause.Up)")),
        new(
            "hello-ends-invisible",
            "A device that comes makes its user visible.",
            ("PresenceEngine/Sessions/Edge.cs", "shard.Counters.SessionsOpened++;", "shard.Counters.SessionsOpened++; _users[entry].Set(UserFlags.Invisible, false);")),
        new(
            "phantom-stays",
            "What stands for the devices of before a restart stays when they are back.",
            ("PresenceEngine/Sessions/Edge.cs", "Recovery.RemovePhantom(shard, entry);", "_ = entry;")),
        new(
            "recovery-too-short",
            "After a restart users have d + 2δ to come back.",
            ("PresenceEngine/Shards/ShardOptions.cs", "HeartbeatIntervalMs + (4 * ToleranceMs)", "HeartbeatIntervalMs + (2 * ToleranceMs)")),
        new(
            "early-read-counts",
            "What the store says of before a restart is believed, though the user may have come and gone since it was read.",
            ("PresenceEngine/Presence/EarlyReads.cs", "Recovery.Concerns(read.Records[i]) && shard.Routing.IsHere(read.UserIds[i]) && IsLoading(read.UserIds[i])", "read.Failed")),
        new(
            "failed-read-is-nobody",
            "A user whom the store could not read is taken for one it does not know.",
            ("PresenceEngine/Presence/FailedReads.cs", "return read.Failed;", "return false;")),
        new(
            "sweep-begins-never",
            "Who was online before a restart, does not come back and is asked about by nobody stays recorded so.",
            ("PresenceEngine/Presence/RecoverySweep.cs", "=> _accepts = true;", "=> _accepts = false;")),
        new(
            "sweep-leaves-rest",
            "Of those the last slice of the walk is left out.",
            ("PresenceEngine/Presence/RecoverySweep.cs", "Judge(walk.Records);", "Judge(walk.IsOver ? [] : walk.Records); _next = walk.IsOver ? walk.Records.Length : _next;")),
        new(
            "ack-before-commit",
            "A status is acknowledged before the journal has it.",
            ("PresenceEngine/Presence/ShardJournal.cs", "_waiting.Add(change, visible, _shard.Time.Now);", "change.Applied(_shard.Outbox, visible);")),
        new(
            "ack-before-sync",
            "The journal says that it is durable before it has written it.",
            ("PresenceServer/Storage/Journal/CommitLoop.cs", "            lane.Take();\n", "            lane.Take();\n            lane.Complete(failed: false);\n")),
        new(
            "failed-commit-acked",
            "A commit that the disk did not take is told as one that it took.",
            ("PresenceServer/Storage/Journal/CommitLoop.cs", "            lane.Complete(failed: true);", "            lane.Complete(failed: false);")),
        new(
            "synced-again",
            "A segment whose write or sync has failed is synced again.",
            ("PresenceServer/Storage/Journal/JournalWriter.cs", "            GiveUp();\n            throw;", "            throw;")),
        new(
            "watermark-seldom",
            "A sign of life is written every ten seconds.",
            ("PresenceEngine/Presence/ShardJournal.cs", "WatermarkEveryMs = 1_000;", "WatermarkEveryMs = 10_000;")),
        new(
            "replay-too-short",
            "What was written while the last checkpoint began is not read again.",
            ("PresenceServer/Storage/Journal/Segments.cs", "segment.Header.Checkpoint < checkpoint", "segment.Header.Checkpoint <= checkpoint")),
        new(
            "trimmed-too-early",
            "Segments go by their age, whether a checkpoint holds them or not.",
            ("PresenceServer/Storage/Journal/Segments.cs", "int removable = PlaceOf(oldestCheckpoint);", "int removable = _all.Count - 1;")),
        new(
            "choice-not-kept",
            "Who is offline and chooses to be invisible is not journaled.",
            ("PresenceEngine/Presence/Presences.cs", "if (invisible || chosen)", "if (invisible && !chosen)")),
        new(
            "held-until-slot",
            "Who was given a slot is held until then, or for h where that is longer.",
            ("PresenceEngine/Sessions/Deadlines.cs", "_time.Now + Math.Max(0, slotMs + _options.HoldMs))", "_time.Now + Math.Max(slotMs, _options.HoldMs))")),
        new(
            "slot-of-lost-alone",
            "Whose older connection lingers when it is given a slot is held for h.",
            ("PresenceEngine/Sessions/Deferrals.cs", "        if (device.State == DeviceState.Held)\n", "        else if (device.State == DeviceState.Held)\n")),
        new(
            "slot-is-no-life",
            "Who asked to come in and never came was last active when its connection was lost.",
            ("PresenceEngine/Sessions/Deferrals.cs", "device.LastSeenMs = (uint)Math.Min(deferred.Stamp, _time.Stamp);", "_ = deferred.Stamp;")),
        new(
            "last-told-slot",
            "Of several devices of before a restart the one that was given a slot last decides until when their user is shown.",
            ("PresenceEngine/Sessions/Deferrals.cs", "Math.Max(RecoveringUntil(deferred.UserId), _time.Now + deferred.SlotMs + shard.Options.HoldMs)", "_time.Now + deferred.SlotMs + shard.Options.HoldMs")),
        new(
            "slot-after-restart",
            "Who is recovering when it is given a slot is shown no longer than the others.",
            ("PresenceEngine/Presence/Recovery.cs", "=> shard.Deferrals.RecoveringUntil(shard.Users[shard.Users.OwnerOf(node)].UserId);", "=> 0 * (long)node;")),
        new(
            "shorter-at-once",
            "Who was told a shorter interval, and may not have heard it, is taken for silent by that.",
            ("PresenceEngine/Sessions/HeartbeatPace.cs", "Math.Max(connection.Pace, connection.PaceBefore) : connection.Pace;", "connection.Pace : connection.Pace;")),
        new(
            "longer-never",
            "Who was told a longer interval is taken for silent by d.",
            ("PresenceEngine/Sessions/HeartbeatPace.cs", "IntervalMs(DoublingsOf(connection)) + (2 * shard", "IntervalMs(0 * DoublingsOf(connection)) + (2 * shard")),
        new(
            "shorter-found-late",
            "Who was told a shorter interval, and falls silent, is looked at when the longer one is over.",
            ("PresenceEngine/Sessions/HeartbeatPace.cs", "            if (isShorter)\n", "            if (isShorter && _doublings > MostDoublings)\n")),
        new(
            "status-shed",
            "An overloaded node does without changes of presence.",
            ("PresenceEngine/Sessions/Edge.cs", "!request.IsOfHello && request.Status == device.Said && request", "!request.IsOfHello && request")),
        new(
            "revoked-resumes",
            "Who comes with a revoked token is let in.",
            ("PresenceEngine/Sessions/Revocations.cs", "bool refuses = Concerns(up.UserId, up.Token);", "bool refuses = Concerns(up.UserId, up.Token) && up.PresentedSession == 0;")),
        new(
            "revoked-is-held",
            "Whose token is revoked is closed, and held as after any loss.",
            ("PresenceEngine/Sessions/Revocations.cs", "        shard.Edge.Down(node, seenMs, TransitionCause.Revoked);\n", "        if (connection is null) { shard.Edge.Down(node, seenMs, TransitionCause.Revoked); }\n")),
        new(
            "held-not-revoked",
            "A revocation of others than one user ends nobody who is held.",
            ("PresenceEngine/Sessions/Revocations.cs", "_heldLeft = _connectionsLeft == 0 ? Held.Count : 0;\n        }\n\n", "_heldLeft = 0;\n        }\n\n")),
        new(
            "new-token-unjudged",
            "A revoked token takes the place of one that is good.",
            ("PresenceEngine/Sessions/Edge.cs", "connection.Node < 0 || shard.Revocations.Ends(connection, token)", "connection.Node < 0")),
        new(
            "banned-recovers",
            "Who is banned while it recovers is shown until d + 4δ.",
            ("PresenceEngine/Sessions/Revocations.cs", "device.State == DeviceState.Recovering ? Bans(userId)", "device.State == DeviceState.Recovering ? false")),
        new(
            "future-version-believed",
            "Who names a version that is far in the future is not told that there is none.",
            ("PresenceEngine/Fanout/Watching.cs", "state.Reset = held > state.Version && state", "state.Reset = held > state.Version && held < 1UL << 62 && state")),
        new(
            "promise-forgotten",
            "What the process before has promised those it sent away counts for nothing.",
            ("PresenceEngine/Shards/Shard.cs", "Math.Max(isAlone ? Options.RecoverForMs : 0, heldForMs)", "Options.RecoverForMs + (heldForMs / 1_000_000)")),
    ];

    public static PlantedBug Of(string name) => All.Single(bug => bug.Name == name);
}
