using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Privacy;
using Presence.Server.Transport;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>
/// A client on an event stream. The shard writes frames, as to every connection, into a bounded pipe; the request reads them from there, on
/// threads of the pool, and writes each as an event. A pipe that is full is a congested connection.
/// </summary>
/// <remarks>
/// A stream has no heartbeats of its client: life is what its peer acknowledges. The server writes a comment every
/// <see cref="StreamBeats.Interval"/> (which also keeps proxies from closing it), and at the next one asks the kernel whether anything was
/// acknowledged since: then the peer was alive at that beat, and the session is touched with that time. A peer that is gone without a word
/// is so found by the engine's own rule, d + 2δ after its last sign of life, as the silent clients of the other transports are. The
/// alternative, TCP_USER_TIMEOUT, would make the kernel a second judge with a clock of its own: it also counts while this process stands
/// still, and what it ends is held another h. A client that takes no bytes is not touched either: the request waits in its write and comes
/// to no beat.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "May be cancelled later than the request ends; it holds nothing.")]
internal sealed class EventStreamConnection : ClientConnection
{
    /// <summary>The request id of the status that the stream was opened with.</summary>
    public const ulong StatusRequest = 1;

    private const ulong Watches = 2;

    private readonly HttpContext _http;
    private readonly StreamBeats _beats;
    private readonly string _device;
    private readonly ulong[] _watched;
    private readonly Pipe _frames;
    private readonly PeerSocket _peer;
    private readonly EventWriter _events;

    private readonly CancellationTokenSource _end = new();

    private (long MonoMs, long Stamp) _lastBeat;

    public EventStreamConnection(HttpContext http, ClientContext context, StreamBeats beats, string device, ulong[] watched)
        : base(context)
    {
        (_http, _beats, _device, _watched) = (http, beats, device, watched);
        _frames = new Pipe(new PipeOptions(
            pauseWriterThreshold: context.Limits.OutboundBytes,
            resumeWriterThreshold: context.Limits.OutboundBytes / 2,
            useSynchronizationContext: false));
        _peer = new PeerSocket(http);
        _events = new EventWriter(http.Response.BodyWriter);
    }

    public override Framing Framing => Framing.LengthPrefix;

    public override Carrier Carrier => Carrier.Http;

    /// <summary>False once the request has ended.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Its place in the queue of comments.</summary>
    public Deadline? NextBeat { get; set; }

    /// <summary>Nothing: the token came with the request.</summary>
    public override void HandshakeIsOver()
    {
    }

    public override void Abort() => _end.Cancel();

    /// <summary>Time for a comment. Any thread; the request writes it when it is through with what it writes.</summary>
    public void Beat() => _frames.Reader.CancelPendingRead();

    /// <summary>Serves the stream until it ends and the shard has let go of it.</summary>
    /// <returns>A problem when the session was refused before the stream began.</returns>
    public async Task<Problem?> RunAsync(SessionUp up, SetStatusRequest status)
    {
        ShardHost shard = Session!.Shard;
        Context.Counters.Connections.Open(Carrier);
        await shard.PostLivenessAsync(up);
        try
        {
            await using CancellationTokenRegistration gone = _http.RequestAborted.UnsafeRegister(
                static stream => ((EventStreamConnection)stream!).PeerLeft(), this);
            await shard.PostLivenessAsync(status);
            return await ForwardAsync();
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or OperationCanceledException)
        {
            // The peer, or the network, or our own Abort: to the session it is a lost connection.
            _http.Abort();
            return null;
        }
        finally
        {
            IsOpen = false;
            await _frames.Reader.CompleteAsync();
            await LeaveAsync();
            NextBeat?.Take();
            ExpectNothing();
            Context.Counters.Connections.End(Carrier);
        }
    }

    // The end of the connection is the peer's last word, and a later one than the beat before.
    private void PeerLeft()
    {
        Touch();
        Abort();
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => _frames.Writer.Write(frame);

    protected override bool Flush()
    {
        ValueTask<FlushResult> flush = _frames.Writer.FlushAsync();
        return Settle(flush.IsCompleted ? default : new ValueTask(flush.AsTask()));
    }

    // No resume token: a stream comes back with its JWT and its device's name.
    protected override void WriteWelcome(in SessionWelcome session)
    {
        var welcome = new Welcome { SessionId = session.SessionId, Resumed = session.Resumed, ServerTimeMs = (ulong)session.ServerTimeMs };
        ServerFrames.Write(_frames.Writer, new ServerFrame { Welcome = welcome }, Framing);
    }

    protected override void Close(CloseCode code)
    {
        base.Close(code);
        // Ends the request once it has written what is before; nothing more is written by the shard.
        _frames.Writer.Complete();
    }

    private async Task<Problem?> ForwardAsync()
    {
        while (true)
        {
            ReadResult read = await _frames.Reader.ReadAsync(_end.Token);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (FrameReader.TryRead(ref rest, int.MaxValue, out ReadOnlySequence<byte> payload, out _) == FrameReadResult.Frame)
            {
                ServerFrame frame = ServerFrame.Parser.ParseFrom(payload);
                if (frame.FrameCase == ServerFrame.FrameOneofCase.Error && !_http.Response.HasStarted)
                {
                    return Problem.Of(frame.Error);
                }

                await ForwardAsync(frame);
            }

            _frames.Reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCanceled && _http.Response.HasStarted)
            {
                WriteBeat();
            }

            bool ended = read.IsCompleted;
            if (ended && CloseCode == CloseCode.Unspecified)
            {
                _events.GoAway(new GoAway());
            }

            await FlushAsync();
            if (ended)
            {
                return null;
            }
        }
    }

    private async ValueTask ForwardAsync(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Welcome:
                await BeginAsync(frame.Welcome);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                _events.Presence(frame.PresenceBatch);
                break;
            case ServerFrame.FrameOneofCase.Ack:
                _events.Ack(frame.Ack);
                break;
            case ServerFrame.FrameOneofCase.Error:
                _events.Error(frame.Error);
                break;
            case ServerFrame.FrameOneofCase.TokenExpiring:
                _events.TokenExpiring(frame.TokenExpiring);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                _events.GoAway(frame.GoAway);
                break;
        }

        // A snapshot is many frames: each is taken by the socket before the next is put into words.
        await FlushAsync();
    }

    private async ValueTask BeginAsync(Welcome welcome)
    {
        // How slow a reader may be is the engine's to judge, with one rule for all transports.
        _http.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = null;
        _http.Response.Headers.CacheControl = "no-store";
        _http.Response.Headers["X-Accel-Buffering"] = "no";
        _http.Response.ContentType = EventWriter.ContentType;
        await _http.Response.StartAsync(_end.Token);
        _events.Welcome(new WelcomeEvent(
            DecimalText.Of(Session!.UserId),
            _device,
            DecimalText.Of(welcome.SessionId),
            welcome.Resumed,
            _beats.HoldMs,
            (long)_beats.Interval.TotalMilliseconds,
            DecimalText.Of(welcome.ServerTimeMs)));
        NoteBeat();
        _beats.Add(this);
        if (_watched.Length > 0)
        {
            // After the welcome, so that a session that is refused has asked for nothing.
            await WatchAsync();
        }
    }

    private async ValueTask WatchAsync()
    {
        var watch = new WatchRequest(this, Watches, _watched, []);
        if (await Context.WatchGate.PassAsync(Session!.UserId, watch))
        {
            await PausedAsync(Session.Shard.PostReadAsync(watch));
        }
        else
        {
            _events.Error(Problem.Unavailable(WatchGate.ClosedMessage));
        }
    }

    private void WriteBeat()
    {
        if (_peer.HasAcknowledgedWithin(Context.Clock.MonoMs - _lastBeat.MonoMs))
        {
            Touch(_lastBeat.Stamp);
        }

        _events.Comment();
        NoteBeat();
    }

    private void NoteBeat() => _lastBeat = (Context.Clock.MonoMs, Session!.Shard.StampNow);

    private async ValueTask FlushAsync()
    {
        if (_http.Response.HasStarted)
        {
            await _http.Response.BodyWriter.FlushAsync(_end.Token);
        }
    }
}
