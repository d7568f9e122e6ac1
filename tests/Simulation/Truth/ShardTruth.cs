using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What is true of one shard of the present process.</summary>
internal sealed class ShardTruth
{
    public List<TrueUser> Users { get; } = [];

    public DueUsers Due { get; } = new();

    /// <summary>Users the store has told it of since its last turn began.</summary>
    public HashSet<ulong> Answered { get; } = [];

    /// <summary>Engine time.</summary>
    public long RecoveringUntilMs { get; set; }

    public bool IsStopping { get; set; }

    public OverloadStep Step { get; set; }

    public RevokedTokens Revoked { get; set; } = RevokedTokens.None;

    /// <summary>When everything of it is compared next, on the monotonic clock.</summary>
    public long NextLookMs { get; set; }

    /// <summary>What must have been left out of engine time, and what may have been.</summary>
    public (long Low, long High) SkippedMs { get; set; }

    /// <summary>When engine time cannot have gone on, on the monotonic clock.</summary>
    public List<(long FromMs, long ToMs)> StoodStill { get; } = [];

    /// <summary>When a fault that stops time ended last, on the monotonic clock.</summary>
    public long StoodStillUntilMs { get; set; }
}
