using System.Threading.Channels;
using Google.Protobuf;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Fakes;

/// <summary>
/// One client, one fake server and a clock that only the test moves. Nothing waits for time to pass: every step waits for a frame or an
/// event, and a step that never comes fails the test after <see cref="_patience"/> of real time.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private readonly Channel<ConnectionStateChange> _states = Channel.CreateUnbounded<ConnectionStateChange>();
    private readonly Channel<PresenceChange> _changes = Channel.CreateUnbounded<PresenceChange>();
    private readonly List<FakePeer> _peers = [];
    private int _tokens;

    public Scene(FakeTransport transport = FakeTransport.Tcp, Func<PresenceClientOptions, PresenceClientOptions>? with = null)
    {
        _deadline.CancelAfter(_patience);
        Server = new FakeServer(transport);
        PresenceClientOptions options = new()
        {
            Endpoints = [Server.Endpoint],
            TokenProvider = _ => ValueTask.FromResult($"token-{Interlocked.Increment(ref _tokens)}"),
            DeviceId = "test-device",
            DeviceKind = DeviceKind.Desktop,
            ServerCertificateValidation = (_, certificate, _, _) => Server.IsOurs(certificate),
            TimeProvider = Clock,
            Random = new Random(1),
        };
        Client = new PresenceClient(with?.Invoke(options) ?? options);
        Client.ConnectionStateChanged += (_, change) => _states.Writer.TryWrite(change);
        Client.PresenceChanged += (_, change) => _changes.Writer.TryWrite(change);
    }

    public FakeServer Server { get; }

    public PresenceClient Client { get; }

    public TestClock Clock { get; } = new();

    public CancellationToken Deadline => _deadline.Token;

    /// <summary>How many tokens the client asked for.</summary>
    public int TokensAsked => Volatile.Read(ref _tokens);

    public static Welcome AWelcome => new()
    {
        SessionId = 1,
        ResumeToken = ByteString.CopyFromUtf8("resume-1"),
        HeartbeatIntervalMs = 30_000,
        FirstHeartbeatAfterMs = 12_000,
        HoldMs = 15_000,
        Limits = new Limits { Watches = 5_000, WatchIds = 1_000, QueryIds = 1_000 },
    };

    /// <summary>Takes the client's next connection as far as its Hello.</summary>
    public async Task<(FakePeer Peer, Hello Hello)> AcceptAsync()
    {
        FakePeer peer = await Server.AcceptAsync(Deadline);
        _peers.Add(peer);
        return (peer, (await peer.ReadAsync(ClientFrame.FrameOneofCase.Hello, Deadline)).Hello);
    }

    /// <summary>Takes the client's next connection and welcomes it.</summary>
    public async Task<(FakePeer Peer, Hello Hello)> WelcomeAsync(Welcome? welcome = null)
    {
        (FakePeer peer, Hello hello) = await AcceptAsync();
        await SendAsync(peer, new ServerFrame { Welcome = welcome ?? AWelcome });
        await StateAsync(ConnectionState.Connected);
        return (peer, hello);
    }

    /// <summary>Starts the client and welcomes it.</summary>
    public async Task<FakePeer> ConnectedAsync(Welcome? welcome = null)
    {
        Task connect = Client.ConnectAsync(Deadline);
        (FakePeer peer, _) = await WelcomeAsync(welcome);
        await connect;
        return peer;
    }

    /// <summary>Connected, watching these users, who are all online at version 10.</summary>
    public async Task<FakePeer> WatchingAsync(params ulong[] userIds)
    {
        FakePeer peer = await ConnectedAsync();
        Task watch = Client.WatchAsync(userIds, Deadline);
        await AnswerWatchAsync(peer, userIds.Select(id => Entry(id, 10, Status.Online)));
        await watch;
        for (int i = 0; i < userIds.Length; i++)
        {
            await ChangeAsync();
        }
        return peer;
    }

    /// <summary>Reads a Watch and answers it in one page.</summary>
    public async Task<Watch> AnswerWatchAsync(FakePeer peer, IEnumerable<PresenceEntry> entries)
    {
        Watch watch = (await peer.ReadAsync(ClientFrame.FrameOneofCase.Watch, Deadline)).Watch;
        await SendAsync(peer, Batch(entries, watch.RequestId));
        return watch;
    }

    public Task SendAsync(FakePeer peer, ServerFrame frame) => peer.SendAsync(frame, Deadline);

    public Task GoAwayAsync(FakePeer peer, CloseCode code, uint? reconnectAfterMs = null)
    {
        GoAway goAway = new() { CloseCode = code };
        if (reconnectAfterMs is { } after)
        {
            goAway.ReconnectAfterMs = after;
        }
        return SendAsync(peer, new ServerFrame { GoAway = goAway });
    }

    /// <summary>The client's next state, which must be this one, but for Connecting.</summary>
    public async Task<ConnectionStateChange> StateAsync(ConnectionState expected)
    {
        ConnectionStateChange change;
        do
        {
            change = await _states.Reader.ReadAsync(Deadline);
        }
        while (change.State == ConnectionState.Connecting && expected != ConnectionState.Connecting);
        Assert.True(change.State == expected, $"Expected {expected}, the client is {change}");
        return change;
    }

    /// <summary>The next change that was raised.</summary>
    public ValueTask<PresenceChange> ChangeAsync() => _changes.Reader.ReadAsync(Deadline);

    /// <summary>Lets the time pass that the client said it would wait.</summary>
    public async Task<ConnectionStateChange> WaitOutAsync()
    {
        ConnectionStateChange waiting = await StateAsync(ConnectionState.Waiting);
        Clock.Advance(waiting.RetryAfter!.Value);
        return waiting;
    }

    public static PresenceEntry Entry(ulong userId, ulong version, Status status) =>
        new() { UserId = userId, Version = version, Status = status };

    public static ServerFrame Batch(IEnumerable<PresenceEntry> entries, ulong? requestId = null, bool more = false)
    {
        PresenceBatch batch = new() { Entries = { entries }, More = more, Snapshot = requestId is not null };
        if (requestId is { } id)
        {
            batch.RequestId = id;
        }
        return new ServerFrame { PresenceBatch = batch };
    }

    public static ServerFrame Update(params PresenceEntry[] entries) => Batch(entries);

    public static ServerFrame Ack(ulong requestId, ulong version = 0) =>
        new() { Ack = new Ack { RequestId = requestId, Version = version } };

    public static ServerFrame HeartbeatAck(uint interval) => new() { HeartbeatAck = new HeartbeatAck { HeartbeatIntervalMs = interval } };

    public static ServerFrame Refusal(ulong requestId, ErrorCode code, string which = "") =>
        new() { Error = new Error { RequestId = requestId, Code = code, Message = "refused by the test", Which = which } };

    public async ValueTask DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        await Client.DisposeAsync();
        Server.Dispose();
        _deadline.Dispose();
    }
}
