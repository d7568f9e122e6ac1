using System.Threading.Tasks.Sources;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// A connection's move to another loop. It begins when somebody waits for it, so that who waits always goes on on the thread of the new loop, never, because
/// the move was quicker than the waiting, on the old.
/// </summary>
internal sealed class LoopMove(EpollConnection connection, EpollLoop to) : IValueTaskSource
{
    private Action<object?>? _next;
    private object? _state;
    private bool _arrived;

    public EpollLoop To => to;

    /// <summary>Runs what waited; on the new loop.</summary>
    public void Arrive()
    {
        _arrived = true;
        _next!(_state);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _arrived ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        (_next, _state) = (continuation, state);
        connection.Ask(LoopRequest.Leave);
    }

    void IValueTaskSource.GetResult(short token)
    {
    }
}
