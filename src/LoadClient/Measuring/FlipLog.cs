using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>
/// The recent flips of one user, to tell of every delivery which flip it is of, and which watcher was the last. Deliveries come before the
/// Ack that says the version: the first one of a version is taken to be of the oldest flip to that status that has none.
/// </summary>
internal sealed class FlipLog
{
    /// <summary>As many as are remembered: a watcher that is further behind is told of a newer flip anyway.</summary>
    private const int Recent = 256;

    private readonly Flip[] _flips = new Flip[Recent];
    private long _count;

    /// <summary>Flips that every watcher was told of.</summary>
    public long Completed { get; private set; }

    /// <param name="watchers">How many are to be told.</param>
    public void Sent(ulong request, Status status, TimeSpan intended, int watchers) =>
        _flips[_count++ % Recent] = new Flip { Request = request, Status = status, Intended = intended, Missing = watchers };

    /// <summary>The server said the version of a flip; one that was superseded gets that of its successor.</summary>
    public void Acked(ulong request, ulong version)
    {
        for (long n = _count - 1; n >= Oldest; n--)
        {
            ref Flip flip = ref _flips[n % Recent];
            if (flip.Request == request)
            {
                flip.Version = flip.Version == 0 ? version : flip.Version;
                return;
            }
        }
    }

    /// <summary>A watcher was told something new.</summary>
    /// <param name="intended">When that flip was meant to be sent.</param>
    /// <param name="isLast">It was the last watcher that had not been told.</param>
    /// <returns>False when it is of no flip that is remembered.</returns>
    public bool TryDeliver(ulong version, Status status, out TimeSpan intended, out bool isLast)
    {
        (intended, isLast) = (TimeSpan.Zero, false);
        if (Find(version, status) is not { } n)
        {
            return false;
        }

        ref Flip flip = ref _flips[n % Recent];
        flip.Version = version;
        intended = flip.Intended;
        isLast = --flip.Missing == 0;
        Completed += isLast ? 1 : 0;
        return true;
    }

    private long Oldest => Math.Max(0, _count - Recent);

    private long? Find(ulong version, Status status)
    {
        long? unversioned = null;
        for (long n = _count - 1; n >= Oldest; n--)
        {
            ref Flip flip = ref _flips[n % Recent];
            if (flip.Version == version && flip.Status == status)
            {
                return n;
            }

            if (flip.Version != 0 && flip.Version < version)
            {
                break;
            }

            if (flip.Version == 0 && flip.Status == status)
            {
                unversioned = n;
            }
        }

        return unversioned;
    }

    private struct Flip
    {
        public ulong Request;
        public ulong Version;
        public TimeSpan Intended;
        public Status Status;
        public int Missing;
    }
}
