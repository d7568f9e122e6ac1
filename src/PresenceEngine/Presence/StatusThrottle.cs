using System.Diagnostics.CodeAnalysis;

namespace Presence.Engine;

/// <summary>
/// At most so many explicit status changes of a user in a window; more are delayed and the latest wins, so the final state always arrives. A token
/// bucket kept as one time (GCRA): <c>Full</c> is when the bucket will be full again. Users whose bucket is full take no memory.
/// </summary>
internal sealed class StatusThrottle(ShardOptions options)
{
    /// <summary>Changes of one user that wait for their answer; more are refused.</summary>
    public const int MaxWaiting = 64;

    private readonly Dictionary<ulong, Bucket> _buckets = [];
    private readonly PriorityQueue<ulong, long> _due = new();
    private readonly long _perChangeMs = options.StatusChanges == 0 ? 0 : options.StatusChangesPerMs / options.StatusChanges;

    public int Waiting { get; private set; }

    /// <summary>Takes a token. False: delay the change.</summary>
    /// <param name="always">The change passes whatever the bucket holds, but takes its token.</param>
    public bool Admits(ulong userId, long nowMs, bool always)
    {
        if (_perChangeMs == 0)
        {
            return true;
        }

        Bucket bucket = Find(userId);
        if (!always && (bucket.Waiting is not null || bucket.Full - nowMs > options.StatusChangesPerMs - _perChangeMs))
        {
            return false;
        }

        Spend(userId, bucket, nowMs);
        return true;
    }

    /// <summary>Keeps a change until its time; a later one takes its place.</summary>
    /// <returns>False when too many wait already.</returns>
    public bool TryDelay(StatusChange change, long nowMs)
    {
        Bucket bucket = Find(change.UserId);
        if (bucket.Waiting?.Count == MaxWaiting)
        {
            return false;
        }

        if (bucket.Waiting is null)
        {
            bucket.Waiting = [];
            _due.Enqueue(change.UserId, Math.Max(nowMs, bucket.Full - options.StatusChangesPerMs + _perChangeMs));
        }

        bucket.Waiting.Add(change);
        Waiting++;
        return true;
    }

    /// <summary>Takes the delayed changes of a user: a newer one has come, or the user has left.</summary>
    public IReadOnlyList<StatusChange> Supersede(ulong userId)
    {
        if (_perChangeMs == 0 || !_buckets.TryGetValue(userId, out Bucket? bucket) || bucket.Waiting is not { } waiting)
        {
            return [];
        }

        bucket.Waiting = null;
        Waiting -= waiting.Count;
        return waiting;
    }

    /// <summary>The changes of one user whose time has come, oldest first.</summary>
    public bool TryRelease(long nowMs, [NotNullWhen(true)] out List<StatusChange>? changes)
    {
        while (_due.TryPeek(out ulong userId, out long due) && due <= nowMs)
        {
            _due.Dequeue();
            if (!_buckets.TryGetValue(userId, out Bucket? bucket))
            {
                continue;
            }

            if (bucket.Waiting is { } waiting)
            {
                bucket.Waiting = null;
                Waiting -= waiting.Count;
                Spend(userId, bucket, nowMs);
                changes = waiting;
                return true;
            }

            ForgetIfFull(userId, bucket, nowMs);
        }

        changes = null;
        return false;
    }

    private Bucket Find(ulong userId)
    {
        if (!_buckets.TryGetValue(userId, out Bucket? bucket))
        {
            _buckets[userId] = bucket = new();
        }

        return bucket;
    }

    private void Spend(ulong userId, Bucket bucket, long nowMs)
    {
        bucket.Full = Math.Max(bucket.Full, nowMs) + _perChangeMs;
        if (!bucket.Sweeps)
        {
            bucket.Sweeps = true;
            _due.Enqueue(userId, bucket.Full);
        }
    }

    private void ForgetIfFull(ulong userId, Bucket bucket, long nowMs)
    {
        if (bucket.Full <= nowMs)
        {
            _buckets.Remove(userId);
        }
        else
        {
            _due.Enqueue(userId, bucket.Full);
        }
    }

    private sealed class Bucket
    {
        /// <summary>Engine time at which all tokens are back.</summary>
        public long Full;

        /// <summary>An entry of the due queue will look whether this can be forgotten.</summary>
        public bool Sweeps;

        public List<StatusChange>? Waiting;
    }
}
