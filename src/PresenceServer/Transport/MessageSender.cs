using System.Buffers;
using System.Net.WebSockets;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// The writing half of a WebSocket connection. Frames collect, each behind its length, in a rented buffer and go out as one message each. One writer at a
/// time, as for all connections; while a send is under way frames collect in the next buffer.
/// </summary>
internal sealed class MessageSender(WebSocket socket)
{
    private readonly Lock _gate = new();
    private byte[]? _buffer;
    private int _length;
    private bool _sending;
    private WebSocketCloseStatus? _closeWith;

    /// <summary>Adds a frame that stands behind its length.</summary>
    public void Add(ReadOnlySpan<byte> frame)
    {
        byte[] buffer = Room(frame.Length);
        frame.CopyTo(buffer.AsSpan(_length));
        _length += frame.Length;
    }

    public void Add(ServerFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        ServerFrames.Write(output, frame, Framing.LengthPrefix);
        Add(output.WrittenSpan);
    }

    /// <summary>Sends what has been added. Never fails: a peer that is gone is the reader's to find.</summary>
    public ValueTask SendAsync()
    {
        (byte[]? buffer, int length) = (_buffer, _length);
        (_buffer, _length) = (null, 0);
        lock (_gate)
        {
            _sending = true;
        }

        return SendAllAsync(buffer, length);
    }

    /// <summary>Closes our half, at once or when the send that is under way is done.</summary>
    public void CloseAfterSending(WebSocketCloseStatus status)
    {
        lock (_gate)
        {
            _closeWith = status;
            if (_sending)
            {
                return;
            }
        }

        _ = CloseAsync(status);
    }

    public async Task CloseAsync(WebSocketCloseStatus status)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status == 0 ? WebSocketCloseStatus.NormalClosure : status, null, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It is closed in any case.
        }
    }

    private async ValueTask SendAllAsync(byte[]? buffer, int length)
    {
        try
        {
            var rest = new ReadOnlySequence<byte>(buffer ?? [], 0, length);
            while (FrameReader.TryRead(ref rest, int.MaxValue, out ReadOnlySequence<byte> payload, out _) == FrameReadResult.Frame)
            {
                await socket.SendAsync(payload.First, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader finds out.
        }

        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (EndSending() is { } status)
        {
            await CloseAsync(status);
        }
    }

    private WebSocketCloseStatus? EndSending()
    {
        lock (_gate)
        {
            _sending = false;
            return _closeWith;
        }
    }

    private byte[] Room(int bytes)
    {
        if (_buffer is null)
        {
            return _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(256, bytes));
        }

        if (_buffer.Length - _length < bytes)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer;
    }
}
