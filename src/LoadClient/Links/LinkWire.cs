using System.Net;
using System.Net.Sockets;
using Presence.LoadClient.Connections;
using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>
/// The TCP connection of a link: takes bytes out of a <see cref="FrameLog"/> as the socket has room, and cuts what arrives into frames. A
/// socket that is full holds up nobody but its own link.
/// </summary>
internal sealed class LinkWire(EventLoop loop, FrameLog log, IConnectionEvents events) : IPolled
{
    private const int FirstReceiveBytes = 1 << 18;
    private const int MostFrameBytes = ProtocolLimits.MaxLinkFrameBytes;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        Blocking = false,
    };
    private byte[] _received = new byte[FirstReceiveBytes];
    private int _held;
    private bool _isAttached;
    private bool _isConnecting;
    private bool _isFull;
    private bool _isOver;

    /// <summary>True: the server asked for a pause; nothing is sent.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Begins to connect; <see cref="IConnectionEvents"/> hears how it ended.</summary>
    public void Open(IPEndPoint server)
    {
        _isConnecting = true;
        try
        {
            _socket.Connect(server);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // As asked: it tells when it is connected.
        }
        catch (SocketException e)
        {
            Lose(e.SocketErrorCode);
            return;
        }

        loop.Attach(this, _socket, Readiness.Writable);
        _isAttached = true;
    }

    /// <summary>Says the first frame, before anything of the log; a fresh socket takes it whole.</summary>
    public void Greet(ReadOnlySpan<byte> frame)
    {
        int sent = _socket.Send(frame, SocketFlags.None, out SocketError error);
        if (error != SocketError.Success || sent != frame.Length)
        {
            Lose(error);
        }
    }

    /// <summary>Gives the socket what it takes of the log.</summary>
    public void Flush()
    {
        while (!_isOver && !_isFull && !IsHeld && !log.Unsent.IsEmpty)
        {
            int sent = _socket.Send(log.Unsent, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
            {
                log.Sent(sent);
            }
            else if (error == SocketError.WouldBlock)
            {
                _isFull = true;
                loop.Change(_socket, Readiness.Readable | Readiness.Writable);
            }
            else
            {
                Lose(error);
            }
        }
    }

    public void OnReady(Readiness readiness)
    {
        if (_isConnecting)
        {
            FinishConnecting();
            return;
        }

        if (_isFull && (readiness & Readiness.Writable) != 0)
        {
            _isFull = false;
            loop.Change(_socket, Readiness.Readable);
            Flush();
        }

        if (!_isOver && (readiness & (Readiness.Readable | Readiness.Failed | Readiness.HungUp)) != 0)
        {
            Receive();
        }
    }

    /// <summary>Closes at once: the server sees the end of the stream.</summary>
    public void Dispose()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        if (_isAttached)
        {
            loop.Detach(_socket);
        }

        _socket.Dispose();
    }

    private void FinishConnecting()
    {
        var error = (SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            Lose(error);
            return;
        }

        _isConnecting = false;
        loop.Change(_socket, Readiness.Readable);
        events.OnConnected();
    }

    private void Receive()
    {
        int received = _socket.Receive(_received.AsSpan(_held), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return;
        }

        if (error != SocketError.Success || received == 0)
        {
            Lose(error);
            return;
        }

        _held += received;
        int taken = Cut(_received.AsSpan(0, _held));
        if (taken > 0)
        {
            _received.AsSpan(taken, _held - taken).CopyTo(_received);
            _held -= taken;
        }
        else if (_held == _received.Length)
        {
            // One frame fills it: the limit of a frame bounds how often this happens.
            Array.Resize(ref _received, 2 * _received.Length);
        }
    }

    private int Cut(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (!_isOver)
        {
            switch (FrameReader.TryRead(ref rest, MostFrameBytes, out ReadOnlySpan<byte> payload, out _))
            {
                case FrameReadResult.Frame:
                    events.OnFrame(payload);
                    break;
                case FrameReadResult.NeedMore:
                    return bytes.Length - rest.Length;
                default:
                    Dispose();
                    events.OnLost("malformed_by_server");
                    break;
            }
        }

        return bytes.Length;
    }

    private void Lose(SocketError error)
    {
        if (!_isOver)
        {
            Dispose();
            events.OnLost(Name(error));
        }
    }

    private static string Name(SocketError error) => error switch
    {
        SocketError.Success => "closed_by_server",
        SocketError.ConnectionRefused => "connection_refused",
        SocketError.ConnectionReset => "connection_reset",
        _ => $"socket_error_{(int)error}",
    };
}
