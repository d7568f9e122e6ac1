using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>Reads on their way to the store's thread, in order. Bounded by the read objects of those who ask.</summary>
internal sealed class ReadQueue
{
    private readonly Lock _gate = new();
    private Queue<StoreRead> _waiting = new();
    private Queue<StoreRead> _spare = new();
    private bool _closed;

    /// <summary>False when the store has stopped.</summary>
    public bool TryAdd(StoreRead read)
    {
        lock (_gate)
        {
            if (!_closed)
            {
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

    public Queue<StoreRead> Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        return Take();
    }
}
