namespace Presence.Server.Hosting;

/// <summary>The rest of a thread that serves no sockets: it sleeps.</summary>
internal sealed class IdleRest(NodeClock clock) : IShardRest
{
    private readonly WakeSignal _signal = new(clock);
    private readonly object _gate = new();

    public long NowMs => clock.MonoMs;

    // It reads nothing, so nothing asks.
    public bool IsOwnThread => false;

    public void Wake()
    {
        if (_signal.Raise())
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public long Clear() => _signal.Clear();

    public void Rest(int milliseconds)
    {
        if (milliseconds == 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_signal.TryFallAsleep())
            {
                Monitor.Wait(_gate, milliseconds);
            }

            _signal.StayAwake();
        }
    }

    public void Dispose()
    {
    }
}
