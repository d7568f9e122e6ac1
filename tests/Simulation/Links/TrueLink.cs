namespace Presence.Simulation;

internal enum LinkStanding
{
    Gone,
    Live,
    Resyncing,
    Held,
    GoingDown,
}

/// <summary>A gateway's link as it truly is on one shard.</summary>
internal sealed class TrueLink(int ordinal)
{
    public int Ordinal { get; } = ordinal;

    public LinkStanding Standing { get; set; }

    /// <summary>Rises with every set that is named anew.</summary>
    public int Generation { get; set; }

    public ServerConnection? Reader { get; set; }

    /// <summary>Engine time; 0 while no set is being named.</summary>
    public long ResyncUntilMs { get; set; }

    /// <summary>Engine time.</summary>
    public long HeldUntilMs { get; set; }

    /// <summary>Engine time from which silence counts.</summary>
    public long SilenceFromMs { get; set; }

    /// <summary>Unix ms of the Goodbye that takes the set down; -1 without one.</summary>
    public long LeftAtMs { get; set; } = -1;

    /// <summary>Whoever was not named in the present generation goes.</summary>
    public bool DropsOld { get; set; }

    /// <summary>Phantoms of before a restart may be its users.</summary>
    public bool HoldsRecovery { get; set; }

    public bool Judges => Standing == LinkStanding.Live && Reader is not { ReaderPaused: true };
}
