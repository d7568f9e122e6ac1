namespace Presence.Server.Storage.Shared;

/// <summary>What an operator may choose about what the cluster keeps in Redis.</summary>
internal sealed record SharedStoreOptions
{
    /// <summary>How long last-active times are kept; that of the store on disk. Default 7 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long changes are kept in the stream; the journal's. Default 1 day.</summary>
    public TimeSpan ChangesRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Changes in the stream, about 50 bytes each; the oldest go first. Default 10 million: a quarter of an hour of 12,000 a second, days of a small site.</summary>
    public long MostChanges { get; init; } = 10_000_000;

    /// <summary>Shards of this node: what each says of how far it is counts.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>A Redis that keeps nothing on disk fails the readiness check.</summary>
    public bool MustPersist { get; init; } = true;
}
