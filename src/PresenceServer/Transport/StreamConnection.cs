using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Transport.Epoll;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>A client on a byte stream (TCP, or TLS on it): frames behind lengths, one read loop, one flush a turn.</summary>
internal sealed class StreamConnection : ClientConnection
{
    private readonly ConnectionContext _transport;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly IoCanary _canary;
    private readonly FrameConsumer _consumer;

    // What is written while a flush is pending: the writer of a TLS connection sends its own buffers meanwhile and may not be touched.
    private ArrayBufferWriter<byte>? _behind;
    private bool _flushing;
    private bool _ended;

    public StreamConnection(ConnectionContext transport, ClientContext context, IoCanary canary)
        : base(context)
    {
        (_transport, _canary) = (transport, canary);
        (_input, _output) = (transport.Transport.Input, transport.Transport.Output);
        _consumer = new FrameConsumer(this, context);
    }

    public override Framing Framing => Framing.LengthPrefix;

    public override ConnectionOrigin Origin => new(
        _transport.Features.Get<ITlsHandshakeFeature>() is null ? "tcp" : "tls", _transport.RemoteEndPoint?.ToString() ?? "");

    public override void Abort() => _transport.Abort();

    /// <summary>The handshake's time is over: wakes the reader, which is the one that may write before the session is up.</summary>
    public override void HandshakeIsOver()
    {
        if (Session is null)
        {
            _input.CancelPendingRead();
        }
    }

    public override ValueTask FollowShardAsync() =>
        Session!.Shard.Rest is EpollLoop loop && _transport.Features.Get<ILoopAffinity>() is { } affinity ? affinity.MoveToAsync(loop) : default;

    /// <summary>Serves the connection until it ends and the shard has let go of it.</summary>
    public async Task RunAsync()
    {
        ExpectIn(Context.Handshakes);
        try
        {
            while (!_ended)
            {
                // Nothing is kept over this wait: it is what an idle connection is.
                await Handle(await _input.ReadAsync());
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The peer, or the network, or our own Abort: to the session it is a lost connection.
        }

        finally
        {
            await LeaveAsync();
        }

        if (Session is null && _consumer.Refusal is { } refusal)
        {
            await RefuseAsync(refusal);
        }

        ExpectNothing();
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        if (_flushing)
        {
            (_behind ??= new ArrayBufferWriter<byte>()).Write(frame);
            return;
        }

        _output.Write(frame);
    }

    // Called again only after the pending flush was reported as drained.
    protected override bool Flush()
    {
        if (_behind is { } behind)
        {
            _output.Write(behind.WrittenSpan);
            _behind = null;
        }

        _flushing = !Settle(SendAsync());
        return !_flushing;
    }

    private static bool IsLoss(Exception e) => e is IOException or ConnectionAbortedException or OperationCanceledException;

    // Never fails: a peer that is gone is the reader's to find. Any exception: on TCP it is the socket's own, on TLS the codec's, and on the shard's
    // thread one is the end of the process.
    private async ValueTask SendAsync()
    {
        try
        {
            await _output.FlushAsync();
        }
        catch (Exception)
        {
            // As above.
        }
    }

    // Says why, then waits for the client to leave: closing over unread bytes would reset the connection and lose the words.
    private async Task RefuseAsync(Refusal refusal)
    {
        ServerFrames.Write(_output, new ServerFrame { Error = refusal.Error }, Framing);
        ServerFrames.Write(_output, new ServerFrame { GoAway = refusal.GoAway }, Framing);
        await _output.FlushAsync();
        if (refusal.CloseCode != CloseCode.HandshakeTimeout)
        {
            ExpectIn(Context.Closing);
            await DiscardAsync();
        }
    }

    private async Task DiscardAsync()
    {
        try
        {
            ReadResult read;
            do
            {
                read = await _input.ReadAsync();
                _input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // It has left, or the time is over.
        }
    }

    // Takes what there is, frame after frame; most need no waiting.
    private ValueTask Handle(in ReadResult read)
    {
        ReadOnlySequence<byte> rest = read.Buffer;
        if (read.IsCanceled)
        {
            _consumer.TimeOut();
        }

        if (!_consumer.IsLive && _canary.IsOwn(rest))
        {
            _ended = true;
            _input.AdvanceTo(rest.End);
            return new(IoCanary.AnswerAsync(_transport));
        }

        while (!_consumer.IsDone && TryCut(ref rest, out ValueTask handled))
        {
            if (!handled.IsCompletedSuccessfully)
            {
                return HandleRestAsync(handled, read, rest);
            }
        }

        Advance(read, rest);
        return default;
    }

    private async ValueTask HandleRestAsync(ValueTask handled, ReadResult read, ReadOnlySequence<byte> rest)
    {
        await handled;
        while (!_consumer.IsDone && TryCut(ref rest, out handled))
        {
            await handled;
        }

        Advance(read, rest);
    }

    private void Advance(in ReadResult read, in ReadOnlySequence<byte> rest)
    {
        _ended = read.IsCompleted || _consumer.SaidGoodbye || _consumer.Refusal is not null;
        _input.AdvanceTo(_consumer.IsDone ? read.Buffer.End : rest.Start, read.Buffer.End);
    }

    // Takes what the buffer begins with: a run of heartbeats in one go, else one frame.
    private bool TryCut(ref ReadOnlySequence<byte> rest, out ValueTask handled)
    {
        handled = default;
        if (_consumer.IsLive && HeartbeatScanner.Consume(rest.FirstSpan, out HeartbeatFlags flags) is > 0 and var beats)
        {
            Touch();
            rest = rest.Slice(beats);
            handled = _consumer.Beat(flags, beats / HeartbeatScanner.FrameBytes);
            return true;
        }

        switch (FrameReader.TryRead(ref rest, _consumer.MaxFrameBytes, out ReadOnlySequence<byte> payload, out FrameFault fault))
        {
            case FrameReadResult.Frame:
                if (_consumer.IsLive)
                {
                    Touch();
                }

                handled = _consumer.ConsumeAsync(payload);
                return true;
            case FrameReadResult.Malformed:
                handled = _consumer.Fault(fault);
                return true;
            default:
                return false;
        }
    }
}
