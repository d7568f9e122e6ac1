namespace Presence.Client.Session;

/// <summary>The present connection, and the tasks of those who wait for the next one. Safe for many threads.</summary>
internal sealed class ConnectionGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<RequestChannel> _connected = NewSource<RequestChannel>();
    private TaskCompletionSource<RequestChannel> _synced = NewSource<RequestChannel>();
    private RequestChannel? _channel;
    private PresenceClosedException? _closed;

    /// <summary>Completes with the present connection, or the next one.</summary>
    /// <exception cref="PresenceClosedException">None will come.</exception>
    public Task<RequestChannel> Connected => Read(() => _connected.Task);

    /// <summary>Completes when all that is watched is answered on the present connection, or the next one.</summary>
    /// <exception cref="PresenceException">The server refused the watches.</exception>
    /// <exception cref="PresenceClosedException">No connection will come.</exception>
    public Task Synced => Read(() => _synced.Task);

    /// <summary>Why no connection will come; null when one may.</summary>
    public PresenceClosedException? Closed => Read(() => _closed);

    /// <summary>Runs <paramref name="action"/> with the present connection while none can come or go.</summary>
    public T With<T>(Func<RequestChannel?, T> action) => Read(() => action(_channel));

    /// <summary>A connection is live. <paramref name="before"/> runs before anyone can see it.</summary>
    public T Open<T>(RequestChannel channel, Func<T> before)
    {
        lock (_lock)
        {
            T result = before();
            _channel = channel;
            _connected.TrySetResult(channel);
            return result;
        }
    }

    public void SetSynced(RequestChannel channel)
    {
        lock (_lock)
        {
            if (ReferenceEquals(channel, _channel))
            {
                _synced.TrySetResult(channel);
            }
        }
    }

    public void SyncFailed(RequestChannel channel, PresenceException why)
    {
        lock (_lock)
        {
            if (ReferenceEquals(channel, _channel))
            {
                Fail(_synced, why);
            }
        }
    }

    /// <summary>The connection is gone; its requests fail, later ones wait.</summary>
    public void Shut()
    {
        RequestChannel? channel;
        lock (_lock)
        {
            channel = _channel;
            Renew();
        }
        channel?.Dispose();
    }

    /// <summary>No connection comes any more.</summary>
    public void Close(PresenceClosedException why)
    {
        lock (_lock)
        {
            _closed = why;
            Fail(_connected, why);
            Fail(_synced, why);
        }
    }

    /// <summary>Connections may come again.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            _closed = null;
            Renew();
        }
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Fail(TaskCompletionSource<RequestChannel> source, Exception why)
    {
        source.TrySetException(why);
        // Nobody need be waiting; read here, it is not reported as forgotten.
        _ = source.Task.Exception;
    }

    private void Renew()
    {
        _channel = null;
        _connected = _connected.Task.IsCompleted ? NewSource<RequestChannel>() : _connected;
        _synced = _synced.Task.IsCompleted ? NewSource<RequestChannel>() : _synced;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}
