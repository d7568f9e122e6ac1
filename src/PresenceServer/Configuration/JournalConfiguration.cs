namespace Presence.Server.Configuration;

/// <summary>
/// The durable log of transitions: what a crash is recovered from. Both limits hold at the same time and are kept by whole segments of the log; what
/// no checkpoint of the store holds yet is never removed, a checkpoint is made instead.
/// </summary>
internal sealed record JournalConfiguration
{
    /// <summary>How long transitions are kept. 1 day, 1 min to 1 year.</summary>
    [Between("00:01:00", "365.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How much disk the journal takes at most; the oldest part goes first. 10 GB, 16 MiB to 64 TiB: a change takes 24 bytes, 12,000 of them a second
    /// are 25 GB a day.
    /// </summary>
    [Between("16MiB", "64TiB")]
    public ByteSize MaxBytes { get; init; } = ByteSize.Parse("10GB");
}
