namespace Presence.Server.Storage;

/// <summary>What an operator may choose about the last-active store.</summary>
public sealed record StoreOptions
{
    /// <summary>The least memory a store can work with.</summary>
    public const long MinMemoryBudget = 16 << 20;

    /// <summary>Bytes for records and their index, about 40 a user; where it is reached new users are refused.</summary>
    public required long MemoryBudget { get; init; }

    /// <summary>How long an offline user's last-active time is kept. Default 7 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often changes are made durable. Default 1 minute.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBudget, MinMemoryBudget, nameof(MemoryBudget));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Retention, TimeSpan.Zero, nameof(Retention));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CheckpointInterval, TimeSpan.Zero, nameof(CheckpointInterval));
    }
}
