using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>A client on a byte stream (TCP, or TLS on it): frames behind lengths, one read loop, one flush a turn.</summary>
internal sealed class StreamConnection(ConnectionContext transport, ClientContext context, IoCanary canary) : ClientConnection(context)
{
    private readonly PipeReader _input = transport.Transport.Input;
    private readonly PipeWriter _output = transport.Transport.Output;

    // What is written while a flush is pending: the writer of a TLS connection sends its own buffers meanwhile and may not be touched.
    private ArrayBufferWriter<byte>? _behind;
    private bool _flushing;

    public override Framing Framing => Framing.LengthPrefix;

    public override ConnectionOrigin Origin => new(
        transport.Features.Get<ITlsHandshakeFeature>() is null ? "tcp" : "tls", transport.RemoteEndPoint?.ToString() ?? "");

    public override void Abort() => transport.Abort();

    /// <summary>The handshake's time is over: wakes the reader, which is the one that may write before the session is up.</summary>
    public override void HandshakeIsOver()
    {
        if (Session is null)
        {
            _input.CancelPendingRead();
        }
    }

    /// <summary>Serves the connection until it ends and the shard has let go of it.</summary>
    public async Task RunAsync()
    {
        var consumer = new FrameConsumer(this, Context);
        Context.Handshakes.Add(this);
        try
        {
            await ReadAsync(consumer);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or OperationCanceledException)
        {
            // The peer, or the network, or our own Abort: to the session it is a lost connection.
        }

        finally
        {
            await LeaveAsync();
        }

        if (Session is null && consumer.Refusal is { } refusal)
        {
            await RefuseAsync(refusal);
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
            Context.Closing.Add(this);
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
        catch (Exception e) when (e is IOException or ConnectionAbortedException or OperationCanceledException)
        {
            // It has left, or the time is over.
        }
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
        _flushing = false;
        if (_behind is { } behind)
        {
            _output.Write(behind.WrittenSpan);
            _behind = null;
        }

        ValueTask flush = SendAsync();
        if (flush.IsCompletedSuccessfully)
        {
            return true;
        }

        _flushing = true;
        BeginCongestion();
        _ = DrainAsync(flush);
        return false;
    }

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

    private async Task DrainAsync(ValueTask flush)
    {
        await flush;
        await EndCongestion();
    }

    private async Task ReadAsync(FrameConsumer consumer)
    {
        while (true)
        {
            ReadResult read = await _input.ReadAsync();
            ReadOnlySequence<byte> rest = read.Buffer;
            if (read.IsCanceled)
            {
                consumer.TimeOut();
            }

            if (!consumer.IsLive && canary.IsOwn(rest))
            {
                _input.AdvanceTo(rest.End);
                await canary.HearAsync(transport);
                return;
            }

            while (!consumer.IsDone && TryCut(ref rest, consumer, out ValueTask handled))
            {
                await handled;
            }

            bool ended = read.IsCompleted || consumer.SaidGoodbye || consumer.Refusal is not null;
            _input.AdvanceTo(consumer.IsDone ? read.Buffer.End : rest.Start, read.Buffer.End);
            if (ended)
            {
                return;
            }
        }
    }

    // Takes what the buffer begins with: a run of heartbeats in one go, else one frame.
    private bool TryCut(ref ReadOnlySequence<byte> rest, FrameConsumer consumer, out ValueTask handled)
    {
        handled = default;
        if (consumer.IsLive && HeartbeatScanner.Consume(rest.FirstSpan, out HeartbeatFlags flags) is > 0 and var beats)
        {
            Touch();
            rest = rest.Slice(beats);
            handled = consumer.Beat(flags, beats / HeartbeatScanner.FrameBytes);
            return true;
        }

        switch (FrameReader.TryRead(ref rest, consumer.MaxFrameBytes, out ReadOnlySequence<byte> payload, out FrameFault fault))
        {
            case FrameReadResult.Frame:
                if (consumer.IsLive)
                {
                    Touch();
                }

                handled = consumer.ConsumeAsync(payload);
                return true;
            case FrameReadResult.Malformed:
                handled = consumer.Fault(fault);
                return true;
            default:
                return false;
        }
    }
}
