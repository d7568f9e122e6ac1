namespace Presence.Simulation;

internal enum FaultKind
{
    /// <summary>kill -9: the kernel resets every connection, the port refuses until the next process accepts.</summary>
    Killed,

    /// <summary>The machine loses its power: nobody is told, and nothing answers until it is back.</summary>
    PowerLost,

    /// <summary>A clean stop and another start, as for a new version.</summary>
    Restarted,

    /// <summary>SIGSTOP, a frozen machine or a long collection: nothing of the process runs.</summary>
    Paused,

    /// <summary>One shard's loop stands still.</summary>
    ShardStuck,

    /// <summary>The shards turn, but nothing is read from anybody, and the canary is not heard.</summary>
    IoSilent,

    /// <summary>Somebody sets the wall clock.</summary>
    WallStepped,

    /// <summary>The store answers late, and a sync of the journal takes long.</summary>
    DiskSlow,

    /// <summary>The store cannot read.</summary>
    ReadsFail,

    /// <summary>No checkpoint succeeds.</summary>
    CheckpointsFail,

    /// <summary>The disk takes nothing: neither a checkpoint nor the journal.</summary>
    WritesFail,

    /// <summary>The node has more to do than it can: it asks for fewer heartbeats, and does without more or less else.</summary>
    Overloaded,

    /// <summary>Tokens are revoked: of a user, one, or all of before some time; and believed again later.</summary>
    Revoked,

    /// <summary>Some connections are reset, seen by both ends.</summary>
    Cut,

    /// <summary>Some clients vanish without a word; their connections stay half open.</summary>
    Vanished,

    /// <summary>The network carries nothing of some connections for a while, and then all of it.</summary>
    Stalled,
}

/// <summary>Something that goes wrong at a time that the plan says.</summary>
/// <param name="Number">Its place in the plan of its seed: by this it is kept or left out.</param>
/// <param name="Kind">What.</param>
/// <param name="AtMs">When, since the beginning of the run.</param>
/// <param name="ForMs">How long; of <see cref="FaultKind.WallStepped"/> by how much.</param>
/// <param name="Share">Of the connections or shards that it strikes.</param>
internal sealed record Fault(int Number, FaultKind Kind, long AtMs, long ForMs, double Share)
{
    /// <summary>The process or its clock is struck: no two of these at a time, so that what each may do to engine time stays known.</summary>
    public bool StopsTime => Kind is FaultKind.Killed or FaultKind.PowerLost or FaultKind.Restarted or FaultKind.Paused or FaultKind.ShardStuck or FaultKind.IoSilent;

    public override string ToString() => Kind == FaultKind.WallStepped
        ? $"#{Number} {Kind} by {ForMs} ms at {AtMs}"
        : $"#{Number} {Kind} for {ForMs} ms at {AtMs} (share {Share:0.00})";
}
