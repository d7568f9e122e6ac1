namespace Presence.Server.Configuration;

/// <summary>The durable log of transitions. Names and defaults are fixed; the journal itself comes in a later version.</summary>
internal sealed record JournalConfiguration
{
    private const string Later = "the journal comes in a later version; leave this at its default";

    /// <summary>How long transitions are kept for the change feed. 1 day.</summary>
    [LaterVersion(Later)]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How much disk the journal takes at most; the oldest part goes first. 10 GB.</summary>
    [LaterVersion(Later)]
    public ByteSize MaxBytes { get; init; } = ByteSize.Parse("10GB");
}
