using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// Write-behind between the shards and the store's thread: the newest version of each user, in stripes so that shards seldom meet.
/// A lock is held for one look into a table, never across a disk or the store.
/// </summary>
internal sealed class PendingWrites(UserHash hash) : IDisposable
{
    /// <summary>
    /// Users waiting, for their answers too, before the store says that it has no room for new ones. Writes of known users are still taken, one place
    /// each, so the queue cannot outgrow the users that exist; each such write is counted.
    /// </summary>
    public const int Limit = 1 << 20;

    private const int StripeBits = 4;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, 1 << StripeBits).Select(_ => new Stripe(hash))];
    private int _count;
    private long _beyondLimit;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Writes taken while more than <see cref="Limit"/> users were waiting.</summary>
    public long BeyondLimit => Interlocked.Read(ref _beyondLimit);

    /// <returns>How many wait now.</returns>
    public int Put(in UserRecord record)
    {
        bool isAdded = _stripes[hash.Of(record.UserId) >> (64 - StripeBits)].Put(record);
        if (Count + (isAdded ? 1 : 0) > Limit)
        {
            Interlocked.Increment(ref _beyondLimit);
        }

        return isAdded ? Interlocked.Increment(ref _count) : Count;
    }

    /// <summary>Hands over everything put so far. Called by the store's thread alone.</summary>
    public void Drain(Action<UserRecord> apply)
    {
        foreach (Stripe stripe in _stripes)
        {
            Interlocked.Add(ref _count, -stripe.Drain(apply));
        }
    }

    /// <summary>To be called when nobody writes any more.</summary>
    public void Dispose()
    {
        foreach (Stripe stripe in _stripes)
        {
            stripe.Dispose();
        }
    }

    private sealed class Stripe(UserHash hash) : IDisposable
    {
        private readonly Lock _gate = new();
        private NewestRecords _active = new(hash);
        private NewestRecords _spare = new(hash);

        public bool Put(in UserRecord record)
        {
            lock (_gate)
            {
                return _active.Put(record);
            }
        }

        /// <returns>How many there were.</returns>
        public int Drain(Action<UserRecord> apply)
        {
            // What an earlier turn could not apply is older than what came since, and goes first.
            if (_spare.Count == 0)
            {
                lock (_gate)
                {
                    (_active, _spare) = (_spare, _active);
                }
            }

            int count = _spare.Count;
            _spare.Drain(apply);
            return count;
        }

        public void Dispose()
        {
            _active.Dispose();
            _spare.Dispose();
        }
    }
}
