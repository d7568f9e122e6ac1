namespace Presence.Server.Transport.Epoll;

/// <summary>A feature of connections that a loop serves: which one can be chosen.</summary>
internal interface ILoopAffinity
{
    /// <summary>
    /// Has the connection served by another loop, and what awaits this go on on its thread: the move begins when it is awaited. For the reader, between two
    /// reads; what has arrived meanwhile is read there.
    /// </summary>
    ValueTask MoveToAsync(EpollLoop loop);
}
