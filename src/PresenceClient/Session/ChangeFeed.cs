using System.Threading.Channels;

namespace Presence.Client.Session;

/// <summary>
/// The changes that one consumer has not taken yet: at most one a user, the latest, so that a slow consumer costs no more than the
/// users it watches. Users come in the order in which they first changed.
/// </summary>
internal sealed class ChangeFeed
{
    private readonly Lock _lock = new();
    private readonly LinkedList<PresenceChange> _waiting = new();
    private readonly Dictionary<ulong, LinkedListNode<PresenceChange>> _byUser = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
        SingleReader = true,
    });

    public void Post(PresenceChange change)
    {
        lock (_lock)
        {
            if (_byUser.TryGetValue(change.UserId, out LinkedListNode<PresenceChange>? waiting))
            {
                waiting.Value = new PresenceChange(waiting.Value.Previous, change.Current);
            }
            else
            {
                _byUser.Add(change.UserId, _waiting.AddLast(change));
            }
        }
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Nobody asks for this user any more.</summary>
    public void Forget(ulong userId)
    {
        lock (_lock)
        {
            if (_byUser.Remove(userId, out LinkedListNode<PresenceChange>? waiting))
            {
                _waiting.Remove(waiting);
            }
        }
    }

    /// <summary>No more changes come; what waits can still be taken.</summary>
    public void Complete() => _wake.Writer.TryComplete();

    /// <summary>The next change; null after <see cref="Complete"/> when nothing waits.</summary>
    public async ValueTask<PresenceChange?> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryTake() is { } change)
            {
                return change;
            }
            if (!await _wake.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                return TryTake();
            }
            _wake.Reader.TryRead(out _);
        }
    }

    private PresenceChange? TryTake()
    {
        lock (_lock)
        {
            if (_waiting.First is not { } first)
            {
                return null;
            }
            _waiting.RemoveFirst();
            _byUser.Remove(first.Value.UserId);
            return first.Value;
        }
    }
}
