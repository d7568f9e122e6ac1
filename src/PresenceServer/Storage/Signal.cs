namespace Presence.Server.Storage;

/// <summary>Wakes one thread. Setting it costs a memory read while it is set already; it holds no handle and may be set for ever.</summary>
internal sealed class Signal
{
    private readonly object _gate = new();
    private bool _set;

    public void Set()
    {
        // Orders the caller's work before the look at the flag: a flag seen set is a wait that will still see that work.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _set))
        {
            return;
        }

        lock (_gate)
        {
            _set = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Returns when it is set, or after so long.</summary>
    public void Wait(TimeSpan atMost)
    {
        lock (_gate)
        {
            if (!_set)
            {
                Monitor.Wait(_gate, atMost);
            }
        }
    }

    /// <summary>To be called before looking for work, never after.</summary>
    public void Reset()
    {
        Volatile.Write(ref _set, false);
        Interlocked.MemoryBarrier();
    }
}
