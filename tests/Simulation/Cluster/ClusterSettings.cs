using Presence.Engine;

namespace Presence.Simulation;

/// <summary>The world of a run of a cluster; times in milliseconds.</summary>
internal sealed record ClusterSettings
{
    public required int Nodes { get; init; }

    /// <summary>Of each node.</summary>
    public required int Shards { get; init; }

    public required int Users { get; init; }

    public required int Clients { get; init; }

    public required ShardOptions Options { get; init; }

    /// <summary>To a client, one way.</summary>
    public required long LatencyMs { get; init; }

    /// <summary>To another node, one way.</summary>
    public required long PeerMs { get; init; }

    /// <summary>A batch that is not answered by then is given up.</summary>
    public required long PeerTimeoutMs { get; init; }

    /// <summary>By how much the wall clocks of two nodes differ, at the most.</summary>
    public required long ClocksMs { get; init; }

    /// <summary>Until a node whose port refuses is declared dead.</summary>
    public required long NoticeMs { get; init; }

    /// <summary>Until a node that does not answer is.</summary>
    public required long SuspectMs { get; init; }

    /// <summary>Until a node has heard of a view, at the most.</summary>
    public required long ViewMs { get; init; }

    /// <summary>Until a record that is durable has been shipped, at the most.</summary>
    public required long ShipMs { get; init; }

    /// <summary>Until the shared store answers, at the most.</summary>
    public required long StoreMs { get; init; }

    public required long SyncMs { get; init; }

    /// <summary>From the first turn of a process until it joins.</summary>
    public required long StartTakesMs { get; init; }

    /// <summary>Between two things a client does, at the most.</summary>
    public required long ActsWithinMs { get; init; }

    /// <summary>Of the clients, as many do not come back once they are away, from some moment on.</summary>
    public double StayAway { get; init; }

    /// <summary>Of the clients, as many only look in: they leave again with a word after some seconds.</summary>
    public double LookIn { get; init; }

    /// <summary>Whom a client watches with one request, at the most.</summary>
    public int WatchesAtOnce { get; init; } = 8;

    /// <summary>How long a turn takes that leaves something for the next.</summary>
    public long TurnMs { get; init; } = 1;

    /// <summary>How long clients do what they like and things go wrong.</summary>
    public required long LengthMs { get; init; }

    /// <summary>d + 2δ, by design §3 and not by what the engine makes of it.</summary>
    public long SilentAfterMs => Options.HeartbeatIntervalMs + (2 * Options.ToleranceMs);

    /// <summary>d + 4δ, likewise.</summary>
    public long EdgeHoldMs => Options.HeartbeatIntervalMs + (4 * Options.ToleranceMs);

    /// <summary>Until a shard has gone through all that it has, at the most: h may be over by then.</summary>
    public long WalkMs => TurnMs * (Users + Clients) / Math.Min(Math.Min(Options.Budget.WalkedUsers, Options.Budget.NamedUsers), Math.Min(Options.Budget.SweptDevices, Options.Budget.AskedUsers));

    public override string ToString() =>
        $"{Nodes} nodes × {Shards} shards, {Users} users, {Clients} clients, d {Options.HeartbeatIntervalMs} δ {Options.ToleranceMs} h {Options.HoldMs}, peers {PeerMs} ms, "
        + $"clocks ±{ClocksMs / 2} ms, views within {ViewMs} ms, silent is dead after {SuspectMs} ms, walks within {WalkMs} ms, {LengthMs / 1_000} s";
}

/// <summary>All that decides a run of a cluster.</summary>
/// <param name="Actors">Who takes part, by number.</param>
internal sealed record ClusterPlan(ulong Seed, ClusterSettings Settings, IReadOnlyList<int> Actors, IReadOnlyList<ClusterFault> Faults)
{
    /// <summary>What the command line says to have this plan again.</summary>
    public string Replay
    {
        get
        {
            ClusterPlan whole = ClusterPlanner.Of(Seed);
            string command = $"cluster --seed {Seed}";
            command += Actors.Count < whole.Actors.Count ? $" --actors {string.Join(',', Actors)}" : "";
            return command + (Faults.Count == whole.Faults.Count ? "" : $" --faults {(Faults.Count == 0 ? "none" : string.Join(',', Faults.Select(static fault => fault.Number)))}");
        }
    }
}
