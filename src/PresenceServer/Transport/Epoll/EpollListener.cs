using System.Net;
using System.Net.Sockets;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// A listening socket on the front loop. Who is over the cap is closed at once. Should the process have no descriptor left all the same, a spare one is given
/// up to take the next client and close it: a client that is told is better than one that waits, and a listener that cannot accept must not spin.
/// </summary>
internal sealed class EpollListener : IPolled
{
    // Clients accepted before others of the loop are served.
    private const int Batch = 64;

    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionCap _cap;
    private readonly EpollLoop _loop;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private readonly Seldom _saidShort;
    private readonly ITimer _retry;
    private readonly Doorstep _doorstep;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _spare = -1;
    private int _key = -1;
    private bool _open = true;

    /// <param name="doorstep">Takes in who is accepted, on its loop, which is the listener's too.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public EpollListener(IPEndPoint address, int backlog, ConnectionCap cap, Doorstep doorstep, TimeProvider time, ILogger logger)
    {
        (_cap, _loop, _doorstep, _logger) = (cap, doorstep.Loop, doorstep, logger);
        _saidShort = new Seldom(time);
        _socket = Bind(address, backlog);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _retry = time.CreateTimer(static listener => ((EpollListener)listener!).Ask(LoopRequest.Accept), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where it is bound: with the port that the system chose for 0.</summary>
    public IPEndPoint EndPoint { get; }

    private int Descriptor => (int)_socket.Handle;

    /// <summary>Begins to accept.</summary>
    public void Open() => Ask(LoopRequest.Accept);

    /// <summary>Accepts nobody any more. Completes when the port is free.</summary>
    public Task CloseAsync()
    {
        Ask(LoopRequest.End);
        return _closed.Task;
    }

    // Loop.

    public void OnEvents(PollEvents events) => GoOn();

    public void GoOn()
    {
        for (int i = 0; _open; i++)
        {
            if (i == Batch)
            {
                _loop.GoOnLater(this);
                return;
            }

            if (!TryAccept())
            {
                return;
            }
        }
    }

    public void Do(LoopRequest request)
    {
        if (request == LoopRequest.Accept && _open)
        {
            BeServed();
            GoOn();
        }
        else if (_open)
        {
            Close();
        }
    }

    private void Ask(LoopRequest request) => _loop.Post(this, request);

    private static Socket Bind(IPEndPoint address, int backlog)
    {
        // A system without IPv6 still has all its interfaces.
        bool everywhere = address.Address.Equals(IPAddress.IPv6Any);
        IPEndPoint at = everywhere && !Socket.OSSupportsIPv6 ? new(IPAddress.Any, address.Port) : address;
        // Accepted sockets inherit: a frame goes out when it is written.
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        try
        {
            if (at.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = everywhere;
            }

            socket.Bind(at);
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private void BeServed()
    {
        if (_spare < 0)
        {
            _spare = Libc.OpenNothing();
        }

        if (_key < 0 && !_loop.TryServe(Descriptor, this, PollEvents.Readable, out _key))
        {
            RetryLater();
        }
    }

    /// <returns>False when nobody waits any more, or nobody can be taken for now.</returns>
    private bool TryAccept()
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxBytes];
        int accepted = Libc.Accept(Descriptor, address);
        if (accepted >= 0)
        {
            Hand(accepted, PeerAddress.Read(address));
            return true;
        }

        switch (-accepted)
        {
            case ErrorNumber.WouldBlock:
                return false;
            case ErrorNumber.TooManyFiles or ErrorNumber.TooManyFilesInSystem:
                return TryTurnAway();
            case ErrorNumber.ConnectionAborted or ErrorNumber.ProtocolError or ErrorNumber.NotPermitted:
                // Of the one client: it went before its turn, or a firewall took it.
                return true;
            default:
                RetryLater();
                return false;
        }
    }

    private void Hand(int accepted, PeerAddress remote)
    {
        if (!_cap.TryEnter(AddressCounts.KeyOf(remote)))
        {
            Libc.Close(accepted);
            return;
        }

        _doorstep.Receive(accepted, EndPoint, remote);
    }

    private bool TryTurnAway()
    {
        if (_saidShort.IsTime())
        {
            _logger.OutOfDescriptors();
        }

        if (_spare < 0)
        {
            RetryLater();
            return false;
        }

        Libc.Close(_spare);
        int client = Libc.Accept(Descriptor, stackalloc byte[PeerAddress.MaxBytes]);
        if (client >= 0)
        {
            Libc.Close(client);
        }

        else if (client != -ErrorNumber.WouldBlock)
        {
            // Somebody else was quicker to take the descriptor.
            RetryLater();
        }

        _spare = Libc.OpenNothing();
        return client >= 0;
    }

    private void RetryLater() => _retry.Change(s_retryAfter, Timeout.InfiniteTimeSpan);

    private void Close()
    {
        _open = false;
        if (_key >= 0)
        {
            _loop.Forget(_key);
        }

        _retry.Dispose();
        _socket.Dispose();
        if (_spare >= 0)
        {
            Libc.Close(_spare);
        }

        _closed.SetResult();
    }
}
