using System.Numerics;

namespace Presence.Engine;

/// <summary>
/// One batch of look-ups. The store owns it from <see cref="ILastActiveStore.Read"/> until it has called <see cref="Complete"/>;
/// whoever queues reads bounds them by the number of these objects it owns.
/// </summary>
public abstract class StoreRead
{
    private ulong[] _userIds;
    private UserRecord[] _records;
    private int _count;

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

    /// <summary>A batch that is filled later, and again when it has been answered: see <see cref="Begin"/>.</summary>
    private protected StoreRead()
        : this([], 0)
    {
    }

    public ReadOnlySpan<ulong> UserIds => _userIds.AsSpan(0, _count);

    /// <summary>One record for each of <see cref="UserIds"/>, filled by the store; version 0 = never seen, or past the retention.</summary>
    public Span<UserRecord> Records => _records.AsSpan(0, _count);

    /// <summary>True when the store could not answer: <see cref="Records"/> say nothing then, and the engine queues the same read again.</summary>
    public bool Failed { get; set; }

    /// <summary>Called exactly once for each time it was queued, on the store's thread. Must neither block nor throw.</summary>
    public abstract void Complete();

    /// <summary>Makes room for other users; nothing is known of them.</summary>
    private protected Span<ulong> Begin(int count)
    {
        if (_userIds.Length < count)
        {
            int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)count);
            _userIds = new ulong[capacity];
            _records = new UserRecord[capacity];
        }

        _count = count;
        Failed = false;
        Records.Clear();
        return _userIds.AsSpan(0, count);
    }
}
