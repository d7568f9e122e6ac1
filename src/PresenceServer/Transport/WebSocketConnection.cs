using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>A client on a WebSocket: each binary message is one frame. The runtime's codec does the work.</summary>
internal sealed class WebSocketConnection(WebSocket socket, EndPoint remote, ClientContext context) : ClientConnection(context)
{
    private const int ReaderOwns = 1;
    private const int TimerOwns = 2;

    private readonly MessageSender _sender = new(socket);

    // Before the session is up the reader writes; if the handshake's time is over first, the timer does.
    private int _handshake;

    public override Framing Framing => Framing.Message;

    public override Carrier Carrier => Carrier.Websocket;

    public override ConnectionOrigin Origin => new("websocket", remote.ToString()!);

    public override void Abort() => socket.Abort();

    public override void HandshakeIsOver()
    {
        if (Interlocked.CompareExchange(ref _handshake, TimerOwns, 0) == 0)
        {
            Refusal tooLate = FrameConsumer.TooLate(Context.HandshakeTimeout);
            Context.Counters.Refused(tooLate);
            _ = RefuseAsync(tooLate);
        }
    }

    /// <summary>Serves the connection until it ends and the shard has let go of it.</summary>
    public async Task RunAsync()
    {
        var consumer = new FrameConsumer(this, Context);
        Context.Counters.Connections.Open(Carrier);
        ExpectIn(Context.Handshakes);
        try
        {
            await ReadAsync(consumer);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer, or the network, or our own Abort: to the session it is a lost connection.
        }

        finally
        {
            Context.Counters.Connections.End(Carrier);
            await LeaveAsync();
        }

        if (Session is not null)
        {
            await _sender.CloseAsync(consumer.SaidGoodbye ? WebSocketCloseStatus.NormalClosure : (WebSocketCloseStatus)CloseCode);
        }
        else if (consumer.Refusal is { } refusal)
        {
            await RefuseAsync(refusal);
            await DiscardAsync();
        }

        ExpectNothing();
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => _sender.Add(frame);

    protected override bool Flush() => Settle(_sender.SendAsync());

    protected override void Close(CloseCode code)
    {
        base.Close(code);
        if (code != CloseCode.Unspecified)
        {
            _sender.CloseAfterSending((WebSocketCloseStatus)code);
        }
    }

    private async Task ReadAsync(FrameConsumer consumer)
    {
        while (!consumer.SaidGoodbye && consumer.Refusal is null)
        {
            // Waiting with an empty buffer: an idle connection holds none.
            ValueWebSocketReceiveResult waited = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (waited.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            await ReadMessageAsync(consumer, waited);
        }
    }

    private async Task ReadMessageAsync(FrameConsumer consumer, ValueWebSocketReceiveResult result)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1_024);
        try
        {
            int length = 0;
            while (!result.EndOfMessage)
            {
                if (length > consumer.MaxFrameBytes)
                {
                    await FaultAsync(consumer, FrameFault.LengthOverLimit);
                    return;
                }

                buffer = Grow(buffer, length);
                result = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += result.Count;
            }

            await ConsumeAsync(consumer, buffer.AsMemory(0, length), result.MessageType);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ValueTask ConsumeAsync(FrameConsumer consumer, ReadOnlyMemory<byte> payload, WebSocketMessageType type)
    {
        if (type == WebSocketMessageType.Close || consumer.IsDone)
        {
            return default;
        }

        if (consumer.IsLive)
        {
            Touch();
        }
        else if (Interlocked.CompareExchange(ref _handshake, ReaderOwns, 0) == TimerOwns)
        {
            return default;
        }

        FrameFault fault = type == WebSocketMessageType.Text ? FrameFault.Unparsable
            : payload.IsEmpty ? FrameFault.LengthZero
            : payload.Length > consumer.MaxFrameBytes ? FrameFault.LengthOverLimit
            : FrameFault.None;
        return fault == FrameFault.None ? consumer.ConsumeAsync(new ReadOnlySequence<byte>(payload)) : consumer.Fault(fault);
    }

    private ValueTask FaultAsync(FrameConsumer consumer, FrameFault fault) =>
        Interlocked.CompareExchange(ref _handshake, ReaderOwns, 0) == TimerOwns ? default : consumer.Fault(fault);

    private static byte[] Grow(byte[] buffer, int length)
    {
        if (length < buffer.Length)
        {
            return buffer;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task RefuseAsync(Refusal refusal)
    {
        _sender.Add(new ServerFrame { Error = refusal.Error });
        _sender.Add(new ServerFrame { GoAway = refusal.GoAway });
        ExpectIn(Context.Closing);
        await _sender.SendAsync();
        await _sender.CloseAsync((WebSocketCloseStatus)refusal.CloseCode);
    }

    private async Task DiscardAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1_024);
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It has left, or the time is over.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
