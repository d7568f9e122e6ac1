using System.Runtime.InteropServices;
using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// Write-behind between the shards and the store's thread: the newest version of each user, in stripes so that shards seldom meet.
/// A lock is held for one dictionary access, never across a disk or the store.
/// </summary>
internal sealed class PendingWrites
{
    /// <summary>
    /// Distinct users waiting before the store says that it has no room for new ones. Writes of known users are still taken, one place
    /// each, so the queue cannot outgrow the users that exist; each such write is counted.
    /// </summary>
    public const int Limit = 1 << 20;

    private const int Stripes = 16;

    // A dictionary that grew in a burst is let go rather than kept at that size.
    private const int KeptCapacity = 1 << 14;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];
    private int _count;
    private long _beyondLimit;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Writes taken while more than <see cref="Limit"/> users were waiting.</summary>
    public long BeyondLimit => Interlocked.Read(ref _beyondLimit);

    public void Put(in UserRecord record)
    {
        var stripe = _stripes[(int)((record.UserId * 0x9E3779B97F4A7C15) >> 60)];
        bool added;
        lock (stripe.Gate)
        {
            ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe.Active, record.UserId, out var known);
            added = !known;
            if (record.Version >= newest.Version)
            {
                newest = record;
            }
        }

        if (Count + (added ? 1 : 0) > Limit)
        {
            Interlocked.Increment(ref _beyondLimit);
        }

        if (added)
        {
            Interlocked.Increment(ref _count);
        }
    }

    /// <summary>Hands over everything put so far. Called by the store's thread alone.</summary>
    public void Drain(Action<UserRecord> apply)
    {
        foreach (var stripe in _stripes)
        {
            if (stripe.Take() is not { } taken)
            {
                continue;
            }

            foreach (var record in taken.Values)
            {
                apply(record);
            }

            Interlocked.Add(ref _count, -taken.Count);
            stripe.GiveBack(taken);
        }
    }

    private sealed class Stripe
    {
        private Dictionary<ulong, UserRecord> _spare = [];

        public Lock Gate { get; } = new();

        public Dictionary<ulong, UserRecord> Active { get; private set; } = [];

        public Dictionary<ulong, UserRecord>? Take()
        {
            lock (Gate)
            {
                if (Active.Count == 0)
                {
                    return null;
                }

                var taken = Active;
                Active = _spare;
                return taken;
            }
        }

        public void GiveBack(Dictionary<ulong, UserRecord> taken)
        {
            taken.Clear();
            _spare = taken.Capacity > KeptCapacity ? [] : taken;
        }
    }
}
