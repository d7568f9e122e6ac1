using Google.Protobuf;
using Presence.Client.Connections;
using Presence.Client.Session;
using Presence.Client.Transport;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client;

/// <summary>Keeps one connection up: dials, lives, waits as the policy says, dials again, until told to stop or stay away.</summary>
internal sealed class Supervisor : IDisposable
{
    private static readonly TimeSpan _goodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly PresenceClientOptions _options;
    private readonly ClientSession _session;
    private readonly Action<ConnectionStateChange> _report;
    private readonly Func<bool> _takeActivity;
    private readonly Random _random;
    private readonly ReconnectPolicy _policy;
    private readonly Dialer _dialer;
    private readonly CancellationTokenSource _stop = new();
    private TimeSpan _interval = TimeSpan.FromSeconds(30);
    private int _endpoint;
    private volatile Connection? _connection;

    /// <param name="options">Validated.</param>
    /// <param name="session">Fed with what the connections bring.</param>
    /// <param name="random">Used by the supervisor's own loop alone.</param>
    /// <param name="takeActivity">Whether the user was active since the last call.</param>
    /// <param name="report">Told of every state, in order.</param>
    public Supervisor(
        PresenceClientOptions options, ClientSession session, Random random, Func<bool> takeActivity, Action<ConnectionStateChange> report)
    {
        (_options, _session, _random, _takeActivity, _report) = (options, session, random, takeActivity, report);
        _policy = new ReconnectPolicy(random);
        _dialer = new Dialer(options.ServerCertificateValidation);
        Running = Task.Run(RunAsync);
    }

    /// <summary>Completes when no connection is held and none will come.</summary>
    public Task Running { get; }

    /// <summary>Lets the connection go without a word: the server holds the session for a while.</summary>
    public Task StopAsync()
    {
        _stop.Cancel();
        return Running;
    }

    /// <summary>Says goodbye if there is a connection, and stops.</summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        try
        {
            if (_connection is { } connection)
            {
                await connection.SayGoodbyeAsync(cancellation).ConfigureAwait(false);
                // The server closes next. Closing before it has, with frames of its own unread here, could reset the connection under
                // the goodbye.
                await connection.Finished.WaitAsync(_goodbyeTimeout, _options.TimeProvider, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // Then the server finds out by itself.
        }
        finally
        {
            await StopAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _report(new ConnectionStateChange(ConnectionState.Connecting));
            (Ending ending, TimeSpan lived) = await LiveOnceAsync().ConfigureAwait(false);
            if (_stop.IsCancellationRequested || RetriesAtOnce(ending, lived))
            {
                continue;
            }
            if (_policy.ComeBackAfter(ending, lived, _interval) is not { } wait)
            {
                StayAway(ending);
                return;
            }
            await WaitAsync(ending, wait).ConfigureAwait(false);
        }
    }

    private async Task<(Ending Ending, TimeSpan Lived)> LiveOnceAsync()
    {
        Connection connection;
        try
        {
            connection = await ConnectAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever it is: the token provider is the application's and may throw anything.
            _endpoint = (_endpoint + 1) % _options.Endpoints.Count;
            return (NotConnected(e), TimeSpan.Zero);
        }
        using (connection)
        using (_stop.Token.Register(() => connection.Drop(Ending.Lost("the application let go"))))
        {
            return (await LiveAsync(connection).ConfigureAwait(false), connection.Lived);
        }
    }

    private async Task<Ending> LiveAsync(Connection connection)
    {
        _connection = connection;
        _session.Up(connection, new Random(_random.Next()));
        _report(new ConnectionStateChange(ConnectionState.Connected) { Resumed = connection.Welcome.Resumed });
        Ending ending = await connection.RunAsync(_session.Receive).ConfigureAwait(false);
        _interval = connection.Interval;
        _connection = null;
        _session.Down();
        return ending;
    }

    private async Task<Connection> ConnectAsync()
    {
        using CancellationTokenSource timeout = new(_options.ConnectTimeout, _options.TimeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            Hello hello = await HelloAsync(either.Token).ConfigureAwait(false);
            ITransport transport = await _dialer.DialAsync(_options.Endpoints[_endpoint], either.Token).ConfigureAwait(false);
            return await Connection.OpenAsync(transport, hello, _options, new Random(_random.Next()), _takeActivity, either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            throw new IOException($"{_options.Endpoints[_endpoint]} did not welcome us within {_options.ConnectTimeout}.", e);
        }
    }

    private async ValueTask<Hello> HelloAsync(CancellationToken cancellation)
    {
        (string token, ByteString resumeToken) = await _session.Credentials.ForHelloAsync(cancellation).ConfigureAwait(false);
        return new Hello
        {
            ProtocolVersion = ProtocolLimits.ProtocolVersion,
            Token = token,
            ResumeToken = resumeToken,
            DeviceId = _options.DeviceId,
            DeviceKind = _options.DeviceKind,
            InitialStatus = _session.Status.Initial,
            ReportsActivity = _options.ReportsActivity,
            ClientName = _options.ClientName,
        };
    }

    private static Ending NotConnected(Exception e) => e is HandshakeRefusedException refused ? refused.Ending : Ending.Lost(e.Message, e);

    /// <summary>True when what was refused was the resume token, and a token may still be accepted.</summary>
    private bool RetriesAtOnce(Ending ending, TimeSpan lived)
    {
        if (ending.Code == CloseCode.TokenExpired)
        {
            _session.Credentials.Outdate();
        }
        return ending.Code == CloseCode.BadToken && lived == TimeSpan.Zero && _session.Credentials.Refused();
    }

    private void StayAway(Ending ending)
    {
        _session.Close(new PresenceClosedException(ending.Code, ending.Reason));
        _report(new ConnectionStateChange(ConnectionState.Closed)
        {
            CloseCode = ending.Code,
            Reason = ending.Reason,
            Cause = ending.Cause,
        });
    }

    private async Task WaitAsync(Ending ending, TimeSpan wait)
    {
        // Armed before it is reported: whoever moves the clock on hearing of it moves this wait too.
        Task waited = Task.Delay(wait, _options.TimeProvider, _stop.Token);
        _report(new ConnectionStateChange(ConnectionState.Waiting)
        {
            CloseCode = ending.Code,
            Reason = ending.Reason,
            Cause = ending.Cause,
            RetryAfter = wait,
        });
        try
        {
            await waited.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees the stop.
        }
    }
}
