using Presence.V1;

namespace Presence.Client.Session;

/// <summary>
/// The status the application wants, and whether the server has acknowledged it. The latest call wins: those before it that are not
/// acknowledged yet are answered by its ack, as the server does it too.
/// </summary>
internal sealed class DesiredStatus(Status initial)
{
    private readonly Lock _lock = new();
    private Status _deviceStatus = initial;
    private Wish? _wish;

    /// <summary>What Hello says. Never Invisible: that belongs to the user and only an explicit SetStatus changes it.</summary>
    public Status Initial
    {
        get
        {
            lock (_lock)
            {
                return _deviceStatus;
            }
        }
    }

    /// <summary>The wish that is not acknowledged yet.</summary>
    public Wish? Unacknowledged
    {
        get
        {
            lock (_lock)
            {
                return _wish;
            }
        }
    }

    /// <returns>Completes with the version at which this, or a later wish that replaced it, holds.</returns>
    public Task<ulong> Want(Status status, string text)
    {
        lock (_lock)
        {
            _deviceStatus = status == Status.Invisible ? _deviceStatus : status;
            _wish = new Wish(status, text, _wish?.Done ?? new(TaskCreationOptions.RunContinuationsAsynchronously));
            return _wish.Done.Task;
        }
    }

    /// <summary>The server took the wish; if a later one replaced it meanwhile, its callers wait on.</summary>
    public void Acknowledge(Wish wish, ulong version)
    {
        if (Settle(wish))
        {
            wish.Done.TrySetResult(version);
        }
    }

    public void Refuse(Wish wish, Exception why)
    {
        if (Settle(wish))
        {
            wish.Done.TrySetException(why);
        }
    }

    /// <summary>No connection comes any more.</summary>
    public void Abandon(Exception why)
    {
        if (Unacknowledged is { } wish)
        {
            Refuse(wish, why);
        }
    }

    private bool Settle(Wish wish)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_wish, wish))
            {
                return false;
            }
            _wish = null;
            return true;
        }
    }

    internal sealed record Wish(Status Status, string Text, TaskCompletionSource<ulong> Done);
}
