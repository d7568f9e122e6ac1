namespace Presence.Engine;

/// <summary>
/// One batch of look-ups. The store owns it from <see cref="ILastActiveStore.Read"/> until it has called <see cref="Complete"/>;
/// whoever queues reads bounds them by the number of these objects it owns.
/// </summary>
public abstract class StoreRead
{
    private readonly ulong[] _userIds;
    private readonly UserRecord[] _records;
    private readonly int _count;

    /// <param name="ids">The users asked about, in the first <paramref name="count"/> places; not copied.</param>
    /// <param name="count">0 … the length of <paramref name="ids"/>.</param>
    protected StoreRead(ulong[] ids, int count)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ids.Length);
        _userIds = ids;
        _count = count;
        _records = new UserRecord[count];
    }

    public ReadOnlySpan<ulong> UserIds => _userIds.AsSpan(0, _count);

    /// <summary>One record for each of <see cref="UserIds"/>, filled by the store; version 0 = never seen, or past the retention.</summary>
    public Span<UserRecord> Records => _records;

    /// <summary>True when the store could not answer: <see cref="Records"/> say nothing then, and the engine queues the same read again.</summary>
    public bool Failed { get; set; }

    /// <summary>Called exactly once for each time it was queued, on the store's thread. Must neither block nor throw.</summary>
    public abstract void Complete();
}
