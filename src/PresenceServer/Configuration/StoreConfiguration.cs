namespace Presence.Server.Configuration;

/// <summary>The last-active store in the data directory.</summary>
internal sealed record StoreConfiguration
{
    /// <summary>
    /// Memory that the records of all users may take; new users are refused (OVERLOADED) beyond it. 0, the default, is a quarter of the
    /// memory this process may use: the rest belongs to sessions, watches and the page cache. Once loaded: the number of bytes.
    /// </summary>
    [Between("0", "1024GiB")]
    public ByteSize MemoryBudget { get; init; }

    /// <summary>
    /// How long the last-active time of a user is known. 7 days, 1 h to 1 year; then it is unknown and the space is returned.
    /// </summary>
    [Between("01:00:00", "365.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Between two checkpoints of a store that changed. 1 min, 1 s to 1 h: the shorter, the less there is to recover, the more is written.
    /// </summary>
    [Between("00:00:01", "01:00:00")]
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);
}
