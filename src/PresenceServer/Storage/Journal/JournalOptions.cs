namespace Presence.Server.Storage.Journal;

/// <summary>What an operator may choose about the journal.</summary>
public sealed record JournalOptions
{
    public const long MinMaxBytes = 16 << 20;

    // Both limits are kept by whole segments, and rotation by time is what keeps the age of an idle server's.
    private const int SegmentsWithin = 16;
    private const long MinSegmentBytes = 1 << 20;
    private const long MaxSegmentBytes = 64 << 20;

    /// <summary>How long records are kept. Default 1 day.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bytes on disk; the oldest segments go first. Default 10 GB.</summary>
    public long MaxBytes { get; init; } = 10_000_000_000;

    /// <summary>From one commit to the next: what comes meanwhile shares the next one. By default half of the 10 ms that a change may wait, the other half is the disk's.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Room of a segment.</summary>
    internal long SegmentBytes => Math.Clamp(MaxBytes / SegmentsWithin, MinSegmentBytes, MaxSegmentBytes);

    /// <summary>A segment that is older is ended though it has room.</summary>
    internal TimeSpan SegmentAge => Retention / SegmentsWithin;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, MinMaxBytes, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Retention, TimeSpan.Zero, nameof(Retention));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CommitInterval, TimeSpan.Zero, nameof(CommitInterval));
    }
}
