using System.Diagnostics.CodeAnalysis;

namespace Presence.Engine;

/// <summary>
/// At most so many explicit status changes of a user in a window; more are delayed and the latest of each device wins, so the final state always arrives. A token
/// bucket kept as one time (GCRA): <c>Full</c> is when the bucket will be full again. Users whose bucket is full take no memory.
/// </summary>
internal sealed class StatusThrottle(ShardOptions options)
{
    /// <summary>Changes of one user that wait for their answer: more than a user has devices, so that none need be lost.</summary>
    public const int MaxWaiting = 64;

    private readonly Dictionary<ulong, Bucket> _buckets = [];
    private readonly PriorityQueue<ulong, long> _due = new();
    private readonly long _perChangeMs = options.StatusChanges == 0 ? 0 : options.StatusChangesPerMs / options.StatusChanges;

    public int Waiting { get; private set; }

    /// <summary>Users whose bucket is not known to be full.</summary>
    public int Users => _buckets.Count;

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

    /// <summary>Keeps a change until its time.</summary>
    /// <returns>The one that made room for it when as many wait as may: it is not to be applied, but still to be answered.</returns>
    public StatusChange? Delay(StatusChange change, long nowMs)
    {
        Bucket bucket = Find(change.UserId);
        if (bucket.Waiting is null)
        {
            bucket.Waiting = [];
            bucket.ReleaseAt = Math.Max(nowMs, bucket.Full - options.StatusChangesPerMs + _perChangeMs);
            LookAt(bucket.ReleaseAt, change.UserId, bucket);
        }

        StatusChange? displaced = WaitingChanges.Add(bucket.Waiting, change);
        Waiting += displaced is null ? 1 : 0;
        return displaced;
    }

    /// <summary>Takes the delayed changes of a device: it has said something newer, or has left. Those of others wait on.</summary>
    public IReadOnlyList<StatusChange> Supersede(ulong userId, ulong deviceKey)
    {
        if (!_buckets.TryGetValue(userId, out Bucket? bucket) || bucket.Waiting is not { } waiting)
        {
            return [];
        }

        List<StatusChange> taken = WaitingChanges.TakeOf(deviceKey, waiting);
        Waiting -= taken.Count;
        bucket.Waiting = waiting.Count == 0 ? null : waiting;
        return taken;
    }

    /// <summary>Takes the delayed changes of a user: the user has become invisible, or has left.</summary>
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
            if (!_buckets.TryGetValue(userId, out Bucket? bucket) || bucket.NextLook != due)
            {
                continue;
            }

            bucket.NextLook = long.MaxValue;
            if (bucket.Waiting is { } waiting && bucket.ReleaseAt <= nowMs)
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

    // What passes whatever the bucket holds takes what is there and no more: going offline often does not put off coming back.
    private void Spend(ulong userId, Bucket bucket, long nowMs)
    {
        bucket.Full = Math.Min(nowMs + options.StatusChangesPerMs, Math.Max(bucket.Full, nowMs) + _perChangeMs);
        LookAt(bucket.Full, userId, bucket);
    }

    private void ForgetIfFull(ulong userId, Bucket bucket, long nowMs)
    {
        if (bucket.Waiting is not null)
        {
            LookAt(bucket.ReleaseAt, userId, bucket);
        }
        else if (bucket.Full > nowMs)
        {
            LookAt(bucket.Full, userId, bucket);
        }
        else
        {
            _buckets.Remove(userId);
        }
    }

    // Only the earliest look counts; an entry of the queue that is for a later one is passed over when it comes up.
    private void LookAt(long dueMs, ulong userId, Bucket bucket)
    {
        if (dueMs < bucket.NextLook)
        {
            bucket.NextLook = dueMs;
            _due.Enqueue(userId, dueMs);
        }
    }

    private sealed class Bucket
    {
        /// <summary>Engine time at which all tokens are back.</summary>
        public long Full;

        /// <summary>Engine time at which what waits may be applied.</summary>
        public long ReleaseAt;

        /// <summary>Due time of the one entry of the queue that counts.</summary>
        public long NextLook = long.MaxValue;

        public List<StatusChange>? Waiting;
    }
}
