using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.TestKit;

/// <summary>A gateway that does only what a test tells it: counts its seq, sends what it is told to, and beats for a set when asked to.</summary>
public sealed class RawGateway : IAsyncDisposable
{
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _end = new();

    private RawGateway(RawClient client) => Client = client;

    /// <summary>The connection, for what has no method here.</summary>
    public RawClient Client { get; }

    public GatewayWelcome Welcome { get; private set; } = null!;

    /// <summary>Of the last frame that was sent and not refused; a test may set it.</summary>
    public ulong Seq { get; set; }

    /// <summary>Connects over TCP and opens a link.</summary>
    public static async Task<RawGateway> OpenAsync(ServerProcess server, string id = "gateway-1", Action<GatewayHello>? change = null) =>
        await OpenAsync(await RawClient.ConnectAsync(server.Tcp), server, id, change);

    /// <summary>Opens a link on a connection.</summary>
    public static async Task<RawGateway> OpenAsync(RawClient client, ServerProcess server, string id, Action<GatewayHello>? change = null)
    {
        var gateway = new RawGateway(client);
        GatewayHello hello = Hello(server, id);
        change?.Invoke(hello);
        await client.SendAsync(new ClientFrame { GatewayHello = hello });
        gateway.Welcome = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GatewayWelcome)).GatewayWelcome;
        gateway.Seq = gateway.Welcome.LastSeq;
        return gateway;
    }

    public static GatewayHello Hello(ServerProcess server, string id) => new()
    {
        ProtocolVersion = 1,
        GatewayId = id,
        ClientName = "test-gateway",
        Token = TestTokens.For(server, 1, scope: "presence:gateway"),
    };

    public Task<ulong> UpAsync(params ulong[] users) => SendAsync(SessionsVerb.Up, users);

    public Task<ulong> UpAsync(Status status, params ulong[] users) => SendAsync(SessionsVerb.Up, users, status, DeviceKind.Web);

    public Task<ulong> BeatAsync(params ulong[] users) => SendAsync(SessionsVerb.Beat, users);

    public Task<ulong> DownAsync(params ulong[] users) => SendAsync(SessionsVerb.Down, users);

    /// <summary>The whole set has been named.</summary>
    public async Task<ulong> CompleteAsync()
    {
        await _sending.WaitAsync();
        try
        {
            await Client.SendAsync(new ClientFrame { SessionsComplete = new SessionsComplete { Seq = ++Seq } });
            return Seq;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a frame under the next seq.</summary>
    /// <returns>Its seq.</returns>
    public async Task<ulong> SendAsync(SessionsVerb verb, ulong[] users, Status status = Status.Unspecified, DeviceKind kind = DeviceKind.Unspecified)
    {
        await _sending.WaitAsync();
        try
        {
            await SendAsync(verb, ++Seq, users, status, kind);
            return Seq;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a frame under any seq.</summary>
    public Task SendAsync(SessionsVerb verb, ulong seq, ulong[] users, Status status = Status.Unspecified, DeviceKind kind = DeviceKind.Unspecified)
    {
        var output = new ArrayBufferWriter<byte>();
        SessionsFrame.Write(output, verb, seq, users, status, kind, Client.Framing);
        return Client.SendBytesAsync(output.WrittenMemory.ToArray());
    }

    /// <summary>Beats for these users until the end of the test.</summary>
    public void KeepUp(TimeSpan every, params ulong[] users) => _ = BeatForeverAsync(every, users);

    /// <summary>Ends <see cref="KeepUp"/>; one that is being sent is sent.</summary>
    public async Task FallSilentAsync()
    {
        await _end.CancelAsync();
        await _sending.WaitAsync();
        _sending.Release();
    }

    /// <summary>Waits until everything up to that seq is acknowledged. An Error meanwhile is a failure.</summary>
    public async Task AckedAsync(ulong seq)
    {
        ServerFrame frame;
        do
        {
            frame = await Client.ReceiveAsync();
            if (frame.FrameCase is ServerFrame.FrameOneofCase.Error or ServerFrame.FrameOneofCase.GoAway)
            {
                throw new InvalidOperationException($"Waited for the acknowledgement of {seq}, was told {frame}.");
            }
        }
        while (frame.FrameCase != ServerFrame.FrameOneofCase.SessionsAck || frame.SessionsAck.Seq < seq);
    }

    /// <summary>The next error; acknowledgements before it are passed over.</summary>
    public async Task<Error> ErrorAsync() => (await Client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;

    /// <summary>Says Goodbye and reads until the server closes: it has heard it by then, and whoever connects now comes after it.</summary>
    public async Task GoodbyeAsync()
    {
        await Client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        while (await Client.TryReceiveAsync() is not null)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Client.DisposeAsync();
    }

    private async Task BeatForeverAsync(TimeSpan every, ulong[] users)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            do
            {
                await BeatAsync(users);
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }
}
