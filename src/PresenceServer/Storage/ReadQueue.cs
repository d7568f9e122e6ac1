using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>Reads on their way to the store's thread, in order. Bounded by the read objects of those who ask, and they by <see cref="PendingWrites.Limit"/>.</summary>
internal sealed class ReadQueue
{
    private readonly Lock _gate = new();
    private Queue<StoreRead> _waiting = new();
    private Queue<StoreRead> _spare = new();
    private int _users;
    private bool _closed;

    /// <summary>Users asked about and not answered.</summary>
    public int Users => Volatile.Read(ref _users);

    /// <summary>False when the store has stopped.</summary>
    public bool TryAdd(StoreRead read)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                Interlocked.Add(ref _users, read.UserIds.Length);
                _waiting.Enqueue(read);
            }

            return !_closed;
        }
    }

    /// <summary>Everything that waits. To be emptied before the next call, which uses the queue again.</summary>
    public Queue<StoreRead> Take()
    {
        lock (_gate)
        {
            (_waiting, _spare) = (_spare, _waiting);
            return _spare;
        }
    }

    /// <summary>Gives a read back to whoever asked, who may use it again at once.</summary>
    public void Complete(StoreRead read)
    {
        Interlocked.Add(ref _users, -read.UserIds.Length);
        read.Complete();
    }

    public Queue<StoreRead> Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        return Take();
    }
}
