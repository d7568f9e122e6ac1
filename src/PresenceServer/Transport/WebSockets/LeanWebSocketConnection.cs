using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.Server.Transport.Epoll;
using Presence.V1;

namespace Presence.Server.Transport.WebSockets;

/// <summary>
/// A client on the listener that is for WebSocket alone: the upgrade and the frames of RFC 6455 are read from the connection's pipe right here, with no
/// buffer, stream or codec object of its own while the client is idle. To the client it is the same as <see cref="WebSocketConnection"/>.
/// </summary>
internal sealed class LeanWebSocketConnection(ConnectionContext transport, ClientContext context) : PipeConnection(transport, context)
{
    private UpgradeRefusal? _refusal;
    private FragmentedMessage? _message;

    // Bytes of a payload that is not looked at.
    private long _skipping;
    private ushort _answer;
    private bool _isUpgraded;
    private bool _inMessage;

    // The peer has closed, or broken the rules of WebSocket: the reader's last read.
    private bool _ends;

    // The writer's.
    private bool _saidClose;

    public override Framing Framing => Framing.Message;

    public override Carrier Carrier => Carrier.Websocket;

    public override ConnectionOrigin Origin => new("websocket", Transport.RemoteEndPoint?.ToString() ?? "");

    protected override bool IsDone => ReadsNoMore;

    protected override bool ReadsNoMore => _ends || base.ReadsNoMore;

    public override void HandshakeIsOver()
    {
        base.HandshakeIsOver();
        if (Session is null)
        {
            // A stranger who does not read our answers is not waited for either.
            Output.CancelPendingFlush();
        }
    }

    protected override ValueTask Handle(in ReadResult read) => _isUpgraded ? base.Handle(read) : UpgradeAsync(read);

    protected override bool TryCut(ref ReadOnlySequence<byte> rest, out ValueTask handled)
    {
        handled = default;
        if (_skipping > 0)
        {
            return TrySkip(ref rest);
        }

        if (Consumer.IsLive && !_inMessage && HeartbeatMessages.Consume(rest.FirstSpan, out HeartbeatFlags flags) is > 0 and var beats)
        {
            Touch();
            rest = rest.Slice(beats);
            handled = Consumer.Beat(flags, beats / HeartbeatMessages.Bytes);
            return true;
        }

        switch (ClientHeader.TryRead(rest, _inMessage, out ClientHeader header))
        {
            case FrameReadResult.Frame:
                return header.IsControl ? TryCutControl(header, ref rest, out handled) : TryCutData(header, ref rest, out handled);
            case FrameReadResult.Malformed:
                End(CloseStatus.ProtocolError);
                return true;
            default:
                return false;
        }
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => ServerHeader.Write(Unsent, Opcode.Binary, frame[prefixBytes..]);

    protected override void WriteReply(ReadOnlySpan<byte> bytes) => Unsent.Write(bytes);

    protected override void Close(CloseCode code)
    {
        base.Close(code);
        if (code == CloseCode.Unspecified)
        {
            // After a Goodbye the reader has the last word.
            return;
        }

        WriteClose(Unsent, (ushort)code);
        if (!IsFlushing)
        {
            Flush();
        }
    }

    // Says why, and waits for the client to leave: closing over unread bytes would reset the connection and lose the words.
    protected override async Task EndAsync()
    {
        if (_refusal is null && !ReadsNoMore)
        {
            return;
        }

        ExpectIn(Context.Closing);
        await TakeOutputAsync();
        WriteLastWords();
        await SendAsync();
        await Output.CompleteAsync();
        await DiscardAsync();
    }

    private ValueTask UpgradeAsync(in ReadResult read)
    {
        ReadOnlySequence<byte> bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, UpgradeRequest.MaxBytes));
        UpgradeVerdict verdict = read.IsCanceled ? new(UpgradeRefusal.TooLate) : UpgradeRequest.Judge(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), Context.Origins);
        if (verdict.Accept is { } accept)
        {
            _isUpgraded = true;
            UpgradeRequest.Accept(Output, accept);
            Input.AdvanceTo(bytes.GetPosition(verdict.Bytes));
            return SendAsync();
        }

        _refusal = verdict.Refusal;
        if (_refusal is not null)
        {
            Context.Counters.UpgradeRefused(isTooLate: _refusal == UpgradeRefusal.TooLate);
        }

        HasEnded = read.IsCompleted || _refusal is not null;
        Input.AdvanceTo(HasEnded ? read.Buffer.End : bytes.Start, read.Buffer.End);
        return default;
    }

    private bool TrySkip(ref ReadOnlySequence<byte> rest)
    {
        long skipped = Math.Min(_skipping, rest.Length);
        _skipping -= skipped;
        rest = rest.Slice(skipped);
        return skipped > 0;
    }

    private bool TryCutData(in ClientHeader header, ref ReadOnlySequence<byte> rest, out ValueTask handled)
    {
        handled = default;
        if (Refuses(header, out FrameFault fault))
        {
            _inMessage = !header.IsFinal;
            _skipping = header.PayloadBytes;
            rest = rest.Slice(header.Bytes);
            handled = fault == FrameFault.None ? default : Consumer.Fault(fault);
            return true;
        }

        if (!TryCutPayload(header, ref rest, out ReadOnlySequence<byte> masked))
        {
            return false;
        }

        _inMessage = !header.IsFinal;
        if (header.IsFinal && _message is null)
        {
            handled = ConsumeWhole(masked, header.Mask);
            return true;
        }

        _message ??= new FragmentedMessage();
        _message.Append(masked, header.Mask);
        // Its payload is counted with the message, if that ever ends.
        handled = header.IsFinal ? ConsumeFragmented() : Consumer.Spend(header.Bytes);
        return true;
    }

    // Judged by the header, so that what is refused is never held.
    private bool Refuses(in ClientHeader header, out FrameFault fault)
    {
        fault = Consumer.IsDone ? FrameFault.None
            : header.Opcode == Opcode.Text ? FrameFault.Unparsable
            : header.PayloadBytes > Consumer.MaxFrameBytes - (_message?.Length ?? 0) ? FrameFault.LengthOverLimit
            : FrameFault.None;
        return fault != FrameFault.None || Consumer.IsDone;
    }

    private static bool TryCutPayload(in ClientHeader header, ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> masked)
    {
        masked = default;
        if (rest.Length - header.Bytes < header.PayloadBytes)
        {
            return false;
        }

        masked = rest.Slice(header.Bytes, header.PayloadBytes);
        rest = rest.Slice(masked.End);
        return true;
    }

    private ValueTask ConsumeWhole(in ReadOnlySequence<byte> masked, uint mask)
    {
        int length = (int)masked.Length;
        byte[] buffer = LoopBuffers.Rent(length);
        Masking.Apply(mask, masked, buffer);
        // What is to be waited for no longer needs the bytes.
        ValueTask handled = Consume(new ReadOnlySequence<byte>(buffer, 0, length));
        LoopBuffers.Return(buffer);
        return handled;
    }

    private ValueTask ConsumeFragmented()
    {
        FragmentedMessage message = _message!;
        _message = null;
        ValueTask handled = Consume(message.Payload);
        message.Release();
        return handled;
    }

    private ValueTask Consume(in ReadOnlySequence<byte> payload)
    {
        if (Consumer.IsLive)
        {
            Touch();
        }

        return Consumer.ConsumeAsync(payload);
    }

    private bool TryCutControl(in ClientHeader header, ref ReadOnlySequence<byte> rest, out ValueTask handled)
    {
        handled = default;
        if (!TryCutPayload(header, ref rest, out ReadOnlySequence<byte> masked))
        {
            return false;
        }

        Span<byte> payload = stackalloc byte[ClientHeader.MaxControlBytes];
        payload = payload[..(int)masked.Length];
        Masking.Apply(header.Mask, masked, payload);
        if (header.Opcode == Opcode.Close)
        {
            End(CloseStatus.AnswerTo(payload));
        }
        else
        {
            handled = Consumer.Spend(header.Bytes + payload.Length);
            if (header.Opcode == Opcode.Ping && !Consumer.IsDone)
            {
                handled = PongAsync(payload);
            }
        }

        return true;
    }

    private ValueTask PongAsync(ReadOnlySpan<byte> payload)
    {
        if (!Consumer.IsLive)
        {
            ServerHeader.Write(Output, Opcode.Pong, payload);
            return SendAsync();
        }

        byte[] pong = new byte[2 + payload.Length];
        payload.CopyTo(pong.AsSpan(ServerHeader.Write(pong, Opcode.Pong, payload.Length)));
        return ReplyAsync(pong);
    }

    // As a request: a client that does not read its answers gets no further ones.
    private async ValueTask ReplyAsync(byte[] bytes)
    {
        await WhenDrainedAsync();
        await PausedAsync(Session!.Shard.PostLivenessAsync(new TransportReply(this, bytes)));
    }

    private void End(ushort answer)
    {
        _ends = true;
        _answer = answer;
    }

    private void WriteLastWords()
    {
        if (_refusal is not null)
        {
            _refusal.Write(Output);
        }
        else if (Session is null && Consumer.Refusal is { } refusal)
        {
            Write(new ServerFrame { Error = refusal.Error });
            Write(new ServerFrame { GoAway = refusal.GoAway });
            WriteClose(Output, (ushort)refusal.CloseCode);
        }
        else if (!_saidClose)
        {
            WriteClose(Output, CloseCode != CloseCode.Unspecified ? (ushort)CloseCode : Consumer.SaidGoodbye ? CloseStatus.Normal : _answer);
        }
    }

    private void Write(ServerFrame frame)
    {
        Output.Advance(ServerHeader.Write(Output.GetSpan(ServerHeader.MaxBytes), Opcode.Binary, frame.CalculateSize()));
        ServerFrames.Write(Output, frame, Framing.Message);
    }

    private void WriteClose(IBufferWriter<byte> output, ushort status)
    {
        ServerHeader.Write(output, Opcode.Close, CloseStatus.Payload(status, stackalloc byte[sizeof(ushort)]));
        _saidClose = true;
    }
}
