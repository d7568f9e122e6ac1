using System.Net;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// A client that has not said its first message yet: a descriptor that waits. What has come of it is looked at and left in the kernel, so that whoever only waits, or comes by a byte a second, costs this and its place in the
/// queue of handshakes: no task, no buffer, no connection. Thousands of those, alive for seconds each, would have the garbage collector move them all, and everybody wait for it.
/// </summary>
internal sealed class Newcomer(int descriptor, EndPoint local, PeerAddress remote, Doorstep doorstep) : IPolled, IExpected
{
    private const PollEvents Over = PollEvents.PeerEnded | PollEvents.HungUp | PollEvents.Error;

    // -1 once it is somebody else's, or closed. Loop.
    private int _descriptor = descriptor;
    private int _key = -1;
    private Deadline? _handshake;

    /// <summary>Begins, on the loop's thread.</summary>
    public void Wait(DeadlineQueue handshakes)
    {
        _handshake = handshakes.Add(this);
        // What has come already is an event.
        if (!doorstep.Loop.TryServe(_descriptor, this, PollEvents.Readable | PollEvents.PeerEnded, out _key))
        {
            Leave();
        }
    }

    /// <summary>It becomes a connection, which knows what is said to those who are late.</summary>
    public void HandshakeIsOver() => doorstep.Loop.Post(this, LoopRequest.End);

    public void Abort() => doorstep.Loop.Post(this, LoopRequest.Abort);

    // Loop.

    public void OnEvents(PollEvents events)
    {
        if (_descriptor >= 0)
        {
            Look(isOver: (events & Over) != 0);
        }
    }

    public void GoOn()
    {
    }

    public void Do(LoopRequest request)
    {
        if (_descriptor < 0)
        {
            return;
        }

        if (request == LoopRequest.End)
        {
            Enter();
        }
        else
        {
            Libc.ResetOnClose(_descriptor);
            Leave();
        }
    }

    private void Look(bool isOver)
    {
        byte[] room = LoopBuffers.Rent(LoopBuffers.ScratchBytes);
        int there = Libc.Peek(_descriptor, room);
        // Nothing more comes of who has ended: what the beginning of a message is worth, the connection says.
        bool enters = there > 0 && (isOver || there == room.Length || doorstep.Decides(room.AsSpan(0, there)));
        LoopBuffers.Return(room);
        if (enters)
        {
            Enter();
        }
        else if (there <= 0 && (isOver || there != -ErrorNumber.WouldBlock))
        {
            Leave();
        }
    }

    // The connection's code runs in here.
    private void Enter()
    {
        doorstep.Loop.Remove(_descriptor);
        int own = Forget();
        doorstep.Enter(own, local, remote, _handshake!);
    }

    private void Leave()
    {
        _handshake!.Take();
        doorstep.Leave(Forget(), remote);
    }

    private int Forget()
    {
        if (_key >= 0)
        {
            doorstep.Loop.Forget(_key);
        }

        int own = _descriptor;
        _descriptor = -1;
        return own;
    }
}
