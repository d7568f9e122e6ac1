using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// A connection that a loop serves: its descriptor, and which loop that is. All calls on the descriptor are made on that loop's thread, so that none can
/// reach another connection that was given the same number.
/// </summary>
/// <param name="descriptor">Non-blocking; the connection closes it.</param>
/// <param name="loop">Serves it first.</param>
/// <param name="maxUnsent">Bytes: with more that the kernel has not taken, a flush waits.</param>
/// <param name="cap">Has counted it, and is told when the descriptor is closed.</param>
internal sealed class EpollConnection(int descriptor, EpollLoop loop, EndPoint local, PeerAddress remote, int maxUnsent, ConnectionCap cap)
    : LoopConnectionContext(local, remote), IPolled, IDuplexPipe, ILoopAffinity, IAwaited
{
    private const PollEvents Interest = PollEvents.Readable | PollEvents.Writable | PollEvents.PeerEnded;
    private const PollEvents Over = PollEvents.PeerEnded | PollEvents.HungUp | PollEvents.Error;

    // How long the peer may leave us with unsent bytes once nobody serves it any more.
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromSeconds(5);

    private EpollInput? _input;
    private EpollOutput? _output;
    private IDuplexPipe? _transport;
    private volatile EpollLoop _loop = loop;
    private ConnectionAbortedException? _abortedFor;
    private LoopMove? _move;
    private int _key = -1;
    private bool _writesEnded;

    private bool _writesBroken;

    // Until it is known to be empty. Once the peer has ended its half, a read that brings less than it could says nothing of that.
    private bool _readable = true;
    private bool _peerEnded;

    /// <summary>-1 once it is closed. Loop.</summary>
    public int Descriptor { get; private set; } = descriptor;

    public int MaxUnsent => maxUnsent;

    public Deadline? Handshake { get; set; }

    /// <summary>Why nothing can be read any more; null also when the peer has just ended.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Neither half can go on.</summary>
    public bool IsOver => Descriptor < 0 || Error is not null;

    /// <summary>What is written goes nowhere any more; what the peer had said before may still be there to be read.</summary>
    public bool TakesNoWrites => _writesBroken || IsOver;

    public bool IsOnItsThread => _loop.IsOwnThread;

    public PipeReader Input => _input ??= new EpollInput(this);

    public PipeWriter Output => _output ??= new EpollOutput(this);

    public override IDuplexPipe Transport
    {
        get => _transport ?? this;
        set => _transport = value;
    }

    protected override bool IsClosed => Descriptor < 0;

    public ValueTask MoveToAsync(EpollLoop loop)
    {
        if (ReferenceEquals(_loop, loop))
        {
            return default;
        }

        _move = new LoopMove(this, loop);
        return new(_move, 0);
    }

    /// <summary>Resets it. Any thread.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref _abortedFor, abortReason, null);
        Post(LoopRequest.Abort);
    }

    /// <summary>What is left to send goes out behind this, as long as the peer takes it.</summary>
    public override ValueTask DisposeAsync()
    {
        _input?.Close();
        _output?.Close();
        Post(LoopRequest.End);
        return base.DisposeAsync();
    }

    /// <summary>Has it done between turns. Any thread.</summary>
    public void Post(LoopRequest request) => _loop.Post(this, request);

    /// <summary>Has it done at once where that can be.</summary>
    public void Ask(LoopRequest request)
    {
        if (IsOnItsThread)
        {
            Do(request);
        }
        else
        {
            Post(request);
        }
    }

    // What follows is the loop's.

    public void OnEvents(PollEvents events)
    {
        if ((events & (PollEvents.Writable | Over)) != 0 && _output is { IsWaiting: true } output)
        {
            output.OnWritable();
            if (!IsOnItsThread || Descriptor < 0)
            {
                return;
            }

            TryEnd();
        }

        if ((events & (PollEvents.Readable | Over)) != 0)
        {
            _readable = true;
            _peerEnded |= (events & Over) != 0;
            _input?.Receive();
        }
    }

    public void GoOn()
    {
        if (IsOnItsThread && Descriptor >= 0)
        {
            _input!.Receive();
        }
    }

    public void Do(LoopRequest request)
    {
        if (!IsOnItsThread)
        {
            // It has moved since.
            Post(request);
            return;
        }

        switch (request)
        {
            case LoopRequest.Read:
                _input!.Begin();
                break;
            case LoopRequest.CancelRead:
                _input!.Cancel();
                break;
            case LoopRequest.Flush:
                _output!.Flush();
                break;
            case LoopRequest.CancelFlush:
                _output!.Cancel();
                break;
            case LoopRequest.ReadRest:
                ReadRest();
                break;
            case LoopRequest.End:
                TryEnd();
                break;
            case LoopRequest.Abort:
                DoAbort();
                break;
            case LoopRequest.Leave:
                Leave();
                break;
            case LoopRequest.Arrive:
                Arrive();
                break;
        }
    }

    /// <summary>The reader is told by <see cref="EpollInput.Receive"/>, at the next event or in its turn.</summary>
    public void AwaitReadable()
    {
        if (_readable)
        {
            _loop.GoOnLater(this);
        }
        else
        {
            BeServed();
        }
    }

    /// <summary>Has events reported, at first what holds already; the loop of a server that has stopped drops it.</summary>
    public void BeServed()
    {
        if (_key < 0 && !_loop.TryServe(Descriptor, this, Interest, out _key))
        {
            Error ??= new ConnectionAbortedException("No loop serves the connection: the server has stopped, or the kernel has no room for it.");
            Post(LoopRequest.Abort);
        }
    }

    /// <summary>Less came than could: that was all, and the next comes with an event.</summary>
    public void NoteDrained() => _readable = _peerEnded;

    /// <summary>The kernel says that there is nothing: whatever comes next comes with an event.</summary>
    public void NoteEmpty() => _readable = false;

    /// <summary>
    /// The kernel takes nothing for the peer any more. That ends the connection, but not before what the peer had sent is read: its last word may be a
    /// Goodbye. The reader is told between turns: this may be the middle of one.
    /// </summary>
    public void BreakWrites(int error)
    {
        _writesBroken = true;
        if (error is ErrorNumber.NoMemory or ErrorNumber.NoBuffers)
        {
            // The peer is still there, and could go on for ever with what nobody answers.
            Break(error);
            Post(LoopRequest.Abort);
        }
        else
        {
            Post(LoopRequest.ReadRest);
        }
    }

    /// <summary>The kernel said that it is over.</summary>
    public void Break(int error) => Error ??= error == ErrorNumber.ConnectionReset
        ? new ConnectionResetException("The peer has reset the connection.")
        : new IOException($"The connection has failed with error {error} of the system.");

    // A peer that is gone sends nothing new, so what is left is bounded by the kernel's buffer, and its end is found without an event.
    private void ReadRest()
    {
        if (_input is { IsCompleted: true })
        {
            DoAbort();
        }
        else if (Descriptor >= 0)
        {
            _readable = _peerEnded = true;
            _input?.Receive();
        }
    }

    private void DoAbort()
    {
        if (Descriptor >= 0)
        {
            Error ??= _abortedFor ?? new ConnectionAbortedException("The connection was dropped by the server.");
            Libc.ResetOnClose(Descriptor);
            Close();
            _output?.Fail();
            // The reader's code runs in here.
            _input?.Fail();
        }
    }

    // Ends what can be: the half that nobody writes to once all is sent, the whole when nobody reads either.
    private void TryEnd()
    {
        bool writes = _output is { IsCompleted: false };
        bool reads = _input is { IsCompleted: false };
        if (Descriptor < 0 || writes)
        {
            return;
        }

        _output?.Send();
        if (_output is { IsSent: false } && Error is null)
        {
            BeServed();
            if (!reads)
            {
                Libc.LimitPatience(Descriptor, s_lastPatience);
            }
        }
        else if (!reads)
        {
            Close();
        }
        else if (!_writesEnded)
        {
            _writesEnded = true;
            Libc.EndWrites(Descriptor);
        }
    }

    private void Leave()
    {
        StopBeingServed();
        _loop = _move!.To;
        Post(LoopRequest.Arrive);
    }

    private void Arrive()
    {
        LoopMove move = _move!;
        _move = null;
        if (Descriptor >= 0)
        {
            _readable = _peerEnded;
            BeServed();
        }

        // The reader's code runs in here.
        move.Arrive();
    }

    private void StopBeingServed()
    {
        if (_key >= 0)
        {
            _loop.Remove(Descriptor);
            _loop.Forget(_key);
            _key = -1;
        }
    }

    private void Close()
    {
        if (_key >= 0)
        {
            _loop.Forget(_key);
            _key = -1;
        }

        Libc.Close(Descriptor);
        Descriptor = -1;
        cap.Leave(AddressCounts.KeyOf(Remote));
        TellClosed();
    }
}
