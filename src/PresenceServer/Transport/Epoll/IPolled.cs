namespace Presence.Server.Transport.Epoll;

/// <summary>Something with a descriptor that a loop serves. Called on that loop's thread only, between turns.</summary>
internal interface IPolled
{
    /// <summary>The kernel reports something new of the descriptor that is served.</summary>
    void OnEvents(PollEvents events);

    /// <summary>Goes on with what it asked for by <see cref="EpollLoop.GoOnLater"/>.</summary>
    void GoOn();

    /// <summary>Does what another thread, or the middle of a turn, asked for.</summary>
    void Do(LoopRequest request);
}

/// <summary>What is asked of a loop's thread from elsewhere.</summary>
internal enum LoopRequest : byte
{
    /// <summary>A read has begun.</summary>
    Read,
    CancelRead,

    /// <summary>Written bytes are to be sent.</summary>
    Flush,
    CancelFlush,

    /// <summary>A write has failed: read what is there, to its end.</summary>
    ReadRest,

    /// <summary>A half, or both, are done with.</summary>
    End,

    /// <summary>Drop the connection.</summary>
    Abort,

    /// <summary>Leave this loop for another.</summary>
    Leave,

    /// <summary>Come from another loop.</summary>
    Arrive,

    /// <summary>Accept, for the first time or after an error.</summary>
    Accept,
}
