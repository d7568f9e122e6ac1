using System.Buffers;
using System.Net.WebSockets;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Transport;

/// <summary>One frame a binary message, subprotocol <c>presence.v1</c>.</summary>
internal sealed class WebSocketTransport(WebSocket socket) : ITransport
{
    private const int FirstBufferBytes = 512;

    private byte[] _buffer = [];

    public Framing Framing => Framing.Message;

    public CloseCode PeerCloseCode { get; private set; }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e, cancellation))
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask<ServerFrame?> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            while (await ReadMessageAsync(cancellation).ConfigureAwait(false) is { } length)
            {
                if (ReceivedFrame.Parse(new ReadOnlySequence<byte>(_buffer, 0, length)) is { } frame)
                {
                    return frame;
                }
            }
            return null;
        }
        catch (Exception e) when (IsLoss(e, cancellation))
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e, cancellation))
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>A socket that breaks during a send says cancelled, though nobody did.</summary>
    private static bool IsLoss(Exception e, CancellationToken cancellation) =>
        e is WebSocketException or ObjectDisposedException or InvalidOperationException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>Reads one message into the buffer, which grows up to the largest frame; null when the peer closed.</summary>
    private async ValueTask<int?> ReadMessageAsync(CancellationToken cancellation)
    {
        int length = 0;
        while (true)
        {
            MakeRoom(length);
            ValueWebSocketReceiveResult read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                // Below 4000 are the codes of WebSocket itself, which say nothing of presence.
                int code = (int)(socket.CloseStatus ?? 0);
                PeerCloseCode = code >= (int)CloseCode.Draining ? (CloseCode)code : CloseCode.Unspecified;
                return null;
            }
            length += read.Count;
            if (read.EndOfMessage)
            {
                return length;
            }
        }
    }

    private void MakeRoom(int used)
    {
        if (used < _buffer.Length)
        {
            return;
        }
        if (used >= ProtocolLimits.MaxFrameBytes)
        {
            throw ReceivedFrame.Fault(FrameFault.LengthOverLimit);
        }
        Array.Resize(ref _buffer, Math.Clamp(used * 2, FirstBufferBytes, ProtocolLimits.MaxFrameBytes));
    }
}
