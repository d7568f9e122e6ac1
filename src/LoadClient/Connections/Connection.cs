using System.Net;
using System.Net.Sockets;
using Presence.Protocol;

namespace Presence.LoadClient.Connections;

/// <summary>One TCP connection on the event loop: cuts frames, keeps what the socket does not take. It knows nothing of users.</summary>
internal sealed class Connection(EventLoop loop, IConnectionEvents events, ConnectionManners manners = ConnectionManners.None) : IPolled
{
    /// <summary>A server that leaves so much unread has stopped reading.</summary>
    private const int MaxUnsentBytes = 1 << 20;

    /// <summary>The least that the kernel gives, so that the server has soon sent more than is taken.</summary>
    private const int DeafBufferBytes = 4_096;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        Blocking = false,
    };
    private byte[] _partial = [];
    private byte[] _unsent = [];
    private State _state;

    private enum State : byte
    {
        Idle,
        Connecting,
        Open,
        Closed,
    }

    private bool IsDeaf => (manners & ConnectionManners.Deaf) != 0;

    private Readiness Listening => IsDeaf ? Readiness.None : Readiness.Readable;

    /// <summary>Begins to connect; <see cref="IConnectionEvents"/> hears how it ended.</summary>
    /// <param name="from">The address to connect from; null: the system's choice.</param>
    public void Open(IPEndPoint server, IPAddress? from)
    {
        _state = State.Connecting;
        try
        {
            if (IsDeaf)
            {
                _socket.ReceiveBufferSize = DeafBufferBytes;
            }

            if (from is not null)
            {
                _socket.Bind(new IPEndPoint(from, 0));
            }

            _socket.Connect(server);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // As asked: it tells when it is connected.
        }
        catch (SocketException e)
        {
            Lose(Name(e.SocketErrorCode));
            return;
        }

        loop.Attach(this, _socket, Readiness.Writable);
    }

    /// <summary>Sends, or keeps what the socket does not take and sends it when it does.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (_state != State.Open)
        {
            return;
        }

        int sent = _unsent.Length == 0 ? TrySend(bytes) : 0;
        if (sent < bytes.Length && _state == State.Open)
        {
            Keep(bytes[sent..]);
        }
    }

    public void OnReady(Readiness readiness)
    {
        if (_state == State.Connecting)
        {
            FinishConnecting(readiness);
            return;
        }

        if ((readiness & Readiness.Writable) != 0 && _unsent.Length > 0)
        {
            SendRest();
        }

        if (_state == State.Open && (readiness & (Readiness.Readable | Readiness.Failed | Readiness.HungUp)) != 0)
        {
            Receive();
        }
    }

    /// <summary>Closes at once, as a phone that loses its network or a process that dies: the server sees a reset.</summary>
    public void Reset()
    {
        if (_state == State.Open)
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        Dispose();
    }

    /// <summary>Closes at once: the server sees the end of the stream.</summary>
    public void Dispose()
    {
        if (_state is State.Connecting or State.Open && _socket.SafeHandle is { IsClosed: false })
        {
            loop.Detach(_socket);
        }

        _state = State.Closed;
        _socket.Dispose();
    }

    private void FinishConnecting(Readiness readiness)
    {
        if ((readiness & (Readiness.Writable | Readiness.Failed | Readiness.HungUp)) == 0)
        {
            return;
        }

        var error = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            Lose(Name(error));
            return;
        }

        _state = State.Open;
        loop.Change(_socket, Listening);
        events.OnConnected();
    }

    private void Receive()
    {
        byte[] scratch = loop.Scratch;
        int held = _partial.Length;
        _partial.CopyTo(scratch, 0);
        int received = _socket.Receive(scratch.AsSpan(held), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return;
        }

        if (error != SocketError.Success || received == 0)
        {
            Lose(error == SocketError.Success ? "closed_by_server" : Name(error));
            return;
        }

        ReadOnlySpan<byte> rest = Cut(scratch.AsSpan(0, held + received));
        // Most reads end with a frame: nothing is kept then, and nothing allocated.
        _partial = rest.IsEmpty ? [] : rest.ToArray();
    }

    private ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes)
    {
        if ((manners & ConnectionManners.Raw) != 0)
        {
            events.OnFrame(bytes);
            return [];
        }

        while (_state == State.Open)
        {
            switch (FrameReader.TryRead(ref bytes, ProtocolLimits.MaxFrameBytes, out ReadOnlySpan<byte> payload, out _))
            {
                case FrameReadResult.Frame:
                    events.OnFrame(payload);
                    break;
                case FrameReadResult.NeedMore:
                    return bytes;
                default:
                    Lose("malformed_by_server");
                    break;
            }
        }

        return [];
    }

    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);
        if (error is SocketError.Success or SocketError.WouldBlock)
        {
            return error == SocketError.Success ? sent : 0;
        }

        Lose(Name(error));
        return 0;
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_unsent.Length + rest.Length > MaxUnsentBytes)
        {
            Lose("server_does_not_read");
            return;
        }

        if (_unsent.Length == 0)
        {
            loop.Change(_socket, Listening | Readiness.Writable);
        }

        _unsent = [.. _unsent, .. rest];
    }

    private void SendRest()
    {
        _unsent = _unsent[TrySend(_unsent)..];
        if (_unsent.Length == 0 && _state == State.Open)
        {
            loop.Change(_socket, Listening);
        }
    }

    private void Lose(string reason)
    {
        Dispose();
        events.OnLost(reason);
    }

    private static string Name(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection_refused",
        SocketError.ConnectionReset => "connection_reset",
        SocketError.TimedOut => "connection_timed_out",
        SocketError.TooManyOpenSockets => "too_many_open_files",
        SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable => "out_of_local_ports",
        _ => $"socket_error_{(int)error}",
    };
}
