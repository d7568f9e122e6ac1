using Presence.Client.Transport;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Connections;

/// <summary>
/// One transport from Welcome to its end: heartbeats, sending in turn, receiving. What frames mean is its owner's business, except those
/// that are about the connection itself (HeartbeatAck, GoAway).
/// </summary>
internal sealed class Connection : IDisposable
{
    private readonly ITransport _transport;
    private readonly ConnectionClock _clock;
    private readonly TimeSpan _welcomedAt;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<bool> _takeActivity;
    private readonly bool _wantsAck;
    private HeartbeatPump? _pump;
    private Ending? _ending;

    private Connection(ITransport transport, Welcome welcome, ConnectionClock clock, bool wantsAck, Func<bool> takeActivity)
    {
        (_transport, Welcome, _clock, _wantsAck, _takeActivity) = (transport, welcome, clock, wantsAck, takeActivity);
        _welcomedAt = clock.Now;
    }

    public Welcome Welcome { get; }

    /// <summary>How long it has been live.</summary>
    public TimeSpan Lived => _clock.Now - _welcomedAt;

    /// <summary>d as the server said it last.</summary>
    public TimeSpan Interval => _pump!.Interval;

    /// <summary>Completes when nothing more is received.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Shakes hands over a fresh transport and starts the heartbeats. Owns the transport from the call on.</summary>
    /// <param name="transport">Just dialled.</param>
    /// <param name="hello">The first frame.</param>
    /// <param name="options">Ack and time settings.</param>
    /// <param name="random">Spreads the heartbeats; this connection's own.</param>
    /// <param name="takeActivity">Whether the user was active since the last call.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="HandshakeRefusedException">The server refused, or closed.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async ValueTask<Connection> OpenAsync(
        ITransport transport, Hello hello, PresenceClientOptions options, Random random, Func<bool> takeActivity,
        CancellationToken cancellation)
    {
        try
        {
            ConnectionClock clock = new(options.TimeProvider);
            Welcome welcome = await Handshake.ShakeAsync(transport, hello, cancellation).ConfigureAwait(false);
            Connection connection = new(transport, welcome, clock, options.HeartbeatAcks, takeActivity);
            connection.StartHeartbeats(options.AckTimeout, random);
            return connection;
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>Receives until the end. Never throws for what the network or the server does.</summary>
    /// <param name="received">Each frame that is not about the connection itself, in order.</param>
    public async Task<Ending> RunAsync(Action<ServerFrame> received)
    {
        Error? said = null;
        try
        {
            while (await _transport.ReceiveAsync(_ended.Token).ConfigureAwait(false) is { } frame)
            {
                switch (frame.FrameCase)
                {
                    case ServerFrame.FrameOneofCase.HeartbeatAck:
                        _pump!.AckReceived(TimeSpan.FromMilliseconds(frame.HeartbeatAck.HeartbeatIntervalMs));
                        break;
                    case ServerFrame.FrameOneofCase.GoAway:
                        return Ending.Told(frame.GoAway, said);
                    case ServerFrame.FrameOneofCase.Error when !frame.Error.HasRequestId:
                        said = frame.Error;
                        break;
                    default:
                        received(frame);
                        break;
                }
            }
            return _ending ?? Ending.Told(new GoAway { CloseCode = _transport.PeerCloseCode }, said);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return _ending ?? Ending.Lost(e.Message, e);
        }
        finally
        {
            _finished.TrySetResult();
        }
    }

    /// <summary>Sends after what others are sending.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async ValueTask SendAsync(ClientFrame frame, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Not with the caller's cancellation: half a frame would be the end of the connection.
            await FrameSender.SendAsync(_transport, frame, _ended.Token).ConfigureAwait(false);
            _pump!.FrameSent();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Drop(Ending.Lost($"a frame could not be sent: {e.Message}", e));
            throw new IOException("The connection is gone.", e);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Says that this device leaves on purpose, and nothing more; the server closes next.</summary>
    public async ValueTask SayGoodbyeAsync(CancellationToken cancellation)
    {
        await SendAsync(new ClientFrame { Goodbye = new Goodbye() }, cancellation).ConfigureAwait(false);
        await _transport.CloseAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends it for a reason of our own; the first one counts.</summary>
    public void Drop(Ending ending)
    {
        Interlocked.CompareExchange(ref _ending, ending, null);
        _ended.Cancel();
    }

    public void Dispose()
    {
        _pump?.Dispose();
        _ended.Cancel();
        _transport.Dispose();
    }

    private void StartHeartbeats(TimeSpan? ackTimeout, Random random)
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(Welcome.HeartbeatIntervalMs);
        TimeSpan firstAfter = TimeSpan.FromMilliseconds(Welcome.FirstHeartbeatAfterMs);
        HeartbeatSchedule schedule = new(interval, firstAfter, helloSent: TimeSpan.Zero, _welcomedAt, ackTimeout, random);
        _pump = new HeartbeatPump(schedule, _wantsAck, _clock, () => _ = BeatAsync(), GiveUp);
    }

    private async Task BeatAsync()
    {
        HeartbeatFlags flags = (_wantsAck ? HeartbeatFlags.WantAck : 0) | (_takeActivity() ? HeartbeatFlags.Active : 0);
        try
        {
            await _sending.WaitAsync(_ended.Token).ConfigureAwait(false);
            try
            {
                await _transport.SendAsync(HeartbeatFrame.Encoded(flags, _transport.Framing), _ended.Token).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Drop(Ending.Lost($"a heartbeat could not be sent: {e.Message}", e));
        }
    }

    private void GiveUp() => Drop(Ending.Lost("a heartbeat was not acknowledged in time"));
}
