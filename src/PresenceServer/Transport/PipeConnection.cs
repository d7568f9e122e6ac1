using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Transport;

/// <summary>A client on the two pipes of a connection: one read loop, one flush a turn. What the bytes mean is the derived class's.</summary>
internal abstract class PipeConnection : ClientConnection
{
    private readonly ConnectionContext _transport;

    // What is written while a flush is pending: the writer of a TLS connection sends its own buffers meanwhile and may not be touched.
    private ArrayBufferWriter<byte>? _behind;
    private bool _flushing;

    protected PipeConnection(ConnectionContext transport, ClientContext context)
        : base(context)
    {
        _transport = transport;
        (Input, Output) = (transport.Transport.Input, transport.Transport.Output);
        Consumer = new FrameConsumer(this, context);
    }

    protected ConnectionContext Transport => _transport;

    protected PipeReader Input { get; }

    /// <summary>The reader's until the session is up and once the shard has let go; in between the shard's, by <see cref="Unsent"/>.</summary>
    protected PipeWriter Output { get; }

    protected FrameConsumer Consumer { get; }

    /// <summary>The read loop ends with what it handles now.</summary>
    protected bool HasEnded { get; set; }

    /// <summary>Where the next bytes for the peer go. Shard.</summary>
    protected IBufferWriter<byte> Unsent => _flushing ? _behind ??= new ArrayBufferWriter<byte>() : Output;

    /// <summary>A flush is pending: the next comes when it has drained. Shard.</summary>
    protected bool IsFlushing => _flushing;

    /// <summary>What is left of a read means nothing.</summary>
    protected virtual bool IsDone => Consumer.IsDone;

    /// <summary>Nothing more is to be read from the peer.</summary>
    protected virtual bool ReadsNoMore => Consumer.SaidGoodbye || Consumer.Refusal is not null;

    public override void Abort() => _transport.Abort();

    /// <summary>The handshake's time is over: wakes the reader, which is the one that may write before the session is up.</summary>
    public override void HandshakeIsOver()
    {
        if (Session is null)
        {
            Input.CancelPendingRead();
        }
    }

    public override ValueTask FollowShardAsync() =>
        Session!.Shard.Rest is EpollLoop loop && _transport.Features.Get<ILoopAffinity>() is { } affinity ? affinity.MoveToAsync(loop) : default;

    /// <summary>Serves the connection until it ends and the shard has let go of it.</summary>
    public async Task RunAsync()
    {
        Begin();
        try
        {
            while (!HasEnded)
            {
                // Nothing is kept over this wait: it is what an idle connection is.
                await Handle(await Input.ReadAsync());
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The peer, or the network, or our own Abort: to the session it is a lost connection.
        }

        finally
        {
            Context.Counters.Connections.End(Carrier);
            await LeaveAsync();
        }

        await EndAsync();
        ExpectNothing();
    }

    /// <summary>Takes what the buffer begins with.</summary>
    /// <param name="rest">Becomes what is behind it.</param>
    /// <param name="handled">What the reader is to wait for.</param>
    /// <returns>False when it is not whole yet.</returns>
    protected abstract bool TryCut(ref ReadOnlySequence<byte> rest, out ValueTask handled);

    /// <summary>The last words, when the loop has ended and the shard, if there was one, has let go.</summary>
    protected abstract Task EndAsync();

    /// <summary>Takes what there is, piece by piece; most need no waiting.</summary>
    protected virtual ValueTask Handle(in ReadResult read)
    {
        ReadOnlySequence<byte> rest = read.Buffer;
        if (read.IsCanceled)
        {
            Consumer.TimeOut();
        }

        while (!IsDone && TryCut(ref rest, out ValueTask handled))
        {
            if (!handled.IsCompletedSuccessfully)
            {
                return HandleRestAsync(handled, read, rest);
            }
        }

        Advance(read, rest);
        return default;
    }

    private void Begin()
    {
        if (_transport.Features.Get<IAwaited>() is { Handshake: { } handshake } awaited)
        {
            awaited.Handshake = null;
            ExpectIn(handshake);
        }
        else
        {
            Context.Counters.Connections.Open(Carrier);
            ExpectIn(Context.Handshakes);
        }
    }

    // Called again only after the pending flush was reported as drained.
    protected override bool Flush()
    {
        WriteBehind();
        _flushing = !Settle(SendAsync());
        return !_flushing;
    }

    /// <summary>Writing is the reader's again, once the shard has let go: waits for what is still being sent.</summary>
    protected async ValueTask TakeOutputAsync()
    {
        if (Draining is { } draining)
        {
            await draining;
        }

        WriteBehind();
        _flushing = false;
    }

    /// <summary>Sends what was written.</summary>
    /// <remarks>
    /// Never fails: a peer that is gone is the reader's to find. Any exception: on TCP it is the socket's own, on TLS the codec's, and on the shard's thread
    /// one is the end of the process.
    /// </remarks>
    protected ValueTask SendAsync()
    {
        try
        {
            ValueTask<FlushResult> flush = Output.FlushAsync();
            if (!flush.IsCompletedSuccessfully)
            {
                return FinishAsync(flush);
            }

            // The pipe may use the task again once its result is taken.
            _ = flush.Result;
            return default;
        }
        catch (Exception)
        {
            // As above.
            return default;
        }
    }

    /// <summary>Reads until the peer has left; the time for that is <see cref="ClientContext.Closing"/>'s.</summary>
    protected async Task DiscardAsync()
    {
        try
        {
            ReadResult read;
            do
            {
                read = await Input.ReadAsync();
                Input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception e) when (IsLoss(e))
        {
            // It has left, or the time is over.
        }
    }

    private static bool IsLoss(Exception e) => e is IOException or ConnectionAbortedException or OperationCanceledException;

    private static async ValueTask FinishAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await flush;
        }
        catch (Exception)
        {
            // As in SendAsync.
        }
    }

    private void WriteBehind()
    {
        if (_behind is { } behind)
        {
            Output.Write(behind.WrittenSpan);
            _behind = null;
        }
    }

    private async ValueTask HandleRestAsync(ValueTask handled, ReadResult read, ReadOnlySequence<byte> rest)
    {
        await handled;
        while (!IsDone && TryCut(ref rest, out handled))
        {
            await handled;
        }

        Advance(read, rest);
    }

    private void Advance(in ReadResult read, in ReadOnlySequence<byte> rest)
    {
        HasEnded = read.IsCompleted || ReadsNoMore;
        Input.AdvanceTo(IsDone ? read.Buffer.End : rest.Start, read.Buffer.End);
    }
}
