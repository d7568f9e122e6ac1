namespace Presence.Simulation;

/// <summary>Mistakes of the engine between nodes that the simulator must find, each within <see cref="Seeds"/> seeds of clusters.</summary>
internal static class ClusterBugs
{
    public const int Seeds = 300;

    private const string Cluster = "PresenceEngine/Cluster/";

    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        new(
            "zombie-heard",
            "What a node says that is no member is taken.",
            (Cluster + "Nodes.cs", "if (!_lanes.ContainsKey(from.Node) || stamp.Incarnation != _incarnations[from.Node])", "if (from.Node < 0)")),
        new(
            "missed-ring-trusted",
            "Who was taken for dead, or missed a ring, goes on with what it knew.",
            (Cluster + "Nodes.cs", "if (table.Follows is { } follows && before?.Version != follows)", "if (table.Follows < 0)")),
        new(
            "ack-before-apply",
            "A status that another node is to apply is acknowledged when it is sent.",
            (Cluster + "RemoteStatuses.cs", "            Fail(token);\n        }\n    }\n\n    // At most", "            Fail(token);\n        }\n        else if (_underWay.Remove(token)) { change.Applied(_shard.Outbox, default); }\n    }\n\n    // At most")),
        new(
            "reset-not-asked",
            "Behind a reset nobody asks again what may have been lost.",
            (Cluster + "Nodes.cs", "            requery.Start();\n        }\n\n        if (_lanes.TryGetValue(edge.Node", "            requery.ToString();\n        }\n\n        if (_lanes.TryGetValue(edge.Node"),
            (Cluster + "Nodes.cs", "_requeries[node].Start();", "_requeries[node].ToString();")),
        new(
            "stale-ring-accepted",
            "A batch of a ring that is not followed yet is taken by the old one.",
            (Cluster + "Nodes.cs", "        if (_early.Count > 0 || message.RingVersion > shard.Routing.Version)", "        if (_early.Count > 0)")),
        new(
            "ring-not-asked",
            "When the ring changes nobody asks the new homes about those who are watched.",
            (Cluster + "Nodes.cs", "requery.StartMoved(before);", "requery.ToString();")),
        new(
            "taken-twice",
            "A batch that comes again is applied again.",
            (Cluster + "ChannelReceiver.cs", "            return BatchVerdict.Repeated;", "            return BatchVerdict.Next;")),
        new(
            "gap-taken",
            "A batch behind one that is missing is taken.",
            (Cluster + "ChannelReceiver.cs", "if (era != 0 || _hasEnded || stamp.Sequence > _due.Sequence)", "if (era != 0 || _hasEnded)"),
            (Cluster + "ChannelSender.cs", "        Reset();\n        return false;", "        _next++;\n        return true;")),
        new(
            "old-epoch-taken",
            "A batch of an epoch that is over is taken.",
            (Cluster + "ChannelReceiver.cs", "if (era > 0 && stamp.Sequence == 0)", "if (era != 0 && stamp.Sequence == 0)")),
        new(
            "warm-at-once",
            "A home does not wait for the sessions that others have to name.",
            (Cluster + "Warming.cs", "if (IsUnderWay && _hasWalked && shard.Routing.Table is { } table && table.Members.All(IsDone) && shard.Nodes!.Reachable.All(IsDone))", "if (IsUnderWay && _hasWalked && shard.Routing.Table is { } table)")),
        new(
            "edge-hold-as-hold",
            "Who is at an edge that is not heard has h.",
            (Cluster + "Nodes.cs", "Math.Max(0, heardMs + shard.Options.EdgeHoldMs - shard.Options.HoldMs - shard.Time.Now)", "0 * heardMs")),
        new(
            "silence-unseen",
            "That an edge is not heard is not noticed.",
            (Cluster + "HeardEdges.cs", "now - edge.HeardMs >= SilentAfterMs", "now < 0"),
            (Cluster + "Nodes.cs", "        foreach (LostEdge lost in _heard.TakeOf(node))\n", "        _heard.TakeOf(node);\n        foreach (LostEdge lost in (LostEdge[])[])\n")),
        new(
            "outbid-not",
            "A new home says what it shows under the version that it has.",
            ("PresenceEngine/Presence/HandOver.cs", "            _presences.Outbid(entry, told);", "            _presences.ToString();"),
            ("PresenceEngine/Presence/HandOver.cs", "        shard.Versions.Merge(told.Version);\n        int entry", "        int entry")),
        new(
            "session-order-ignored",
            "Of two sessions of a device that which is heard of last counts.",
            (Cluster + "RemoteSessions.cs", "if (node >= 0 && _users.DeviceAt(node).SessionId > report.SessionId)", "if (node < -1)")),
        new(
            "unnamed-stays",
            "Who is not named behind a reset stays.",
            (Cluster + "RemoteSessions.cs", "Sweep.Add(edge, _generations.GetValueOrDefault(edge), slotMs: 0, _knownUntilMs.GetValueOrDefault(edge, -1), isLost: false);", "edge.ToString();")),
        new(
            "walk-names-nobody",
            "Sessions whose home is another are not named to it when the ring changes.",
            (Cluster + "RingWalk.cs", "            shard.Nodes!.Homes.Name(entry);", "            _next += 0;")),
        new(
            "old-jobs-stay",
            "Of registrations that come all at once the first are judged by generations that have come round.",
            (Cluster + "RemoteSweep.cs", "if (_jobs.FindIndex(job => job.Edge == edge) is >= 0 and var before)", "if (_jobs.FindIndex(job => job.Edge == edge) is < -1 and var before)")),
        new(
            "hidden-not-told",
            "A new home is not told who is invisible.",
            (Cluster + "RemoteSessions.cs", "if (report.HiddenAsOf is { } version)", "if (report.HiddenAsOf is { } version && version == 1)")),
        new(
            "home-clock-not-merged",
            "The clock that a batch brings is passed over.",
            (Cluster + "Deliveries.cs", "        shard.Versions.Merge(batch.Clock);\n", "")),
        new(
            "moved-not-held",
            "Who was at a node that is gone, and whose home is another now, has no time to come back.",
            (Cluster + "GoneNodes.cs", "public long UntilMs => Math.Max(_untilMs, _silentUntilMs.Values.DefaultIfEmpty().Max());", "public long UntilMs => 0;")),
        new(
            "status-of-dead-forgotten",
            "A device that comes without a word of its status is ONLINE to a home that has not known it.",
            (Cluster + "RemoteHomes.cs", "AsBefore = device.Has(DeviceFlags.AsBefore),", "AsBefore = false,")),
    ];

    public static PlantedBug Of(string name) => All.Single(bug => bug.Name == name);
}
