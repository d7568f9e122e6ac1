using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>A server with short times, and people on it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(1.5);

    private readonly List<RawClient> _clients = [];

    private Scene(ServerProcess server) => Server = server;

    /// <summary>d + 2δ.</summary>
    public static TimeSpan SilentAfter => Interval + (2 * Tolerance);

    public ServerProcess Server { get; private set; }

    public static async Task<Scene> StartAsync(int shards = 2, params string[] settings) =>
        new(await ServerProcess.StartAsync([.. Settings(shards), .. settings]));

    public static IEnumerable<string> Settings(int shards) =>
    [
        $"Presence:Shards={shards}",
        $"Presence:Session:HeartbeatInterval={Interval}",
        $"Presence:Session:Tolerance={Tolerance}",
        $"Presence:Session:Hold={Hold}",
        "Presence:Limits:StatusChanges=0",
    ];

    /// <summary>A connected and greeted client on TCP.</summary>
    public async Task<RawClient> ConnectAsync(ulong user, string device = "phone", Action<Hello>? change = null, TimeSpan? tokenLifetime = null)
    {
        RawClient client = await RawClient.ConnectAsync(Server.Tcp);
        _clients.Add(client);
        await client.HelloAsync(TestTokens.For(Server, user, tokenLifetime), device, change);
        return client;
    }

    /// <summary>A client that watches and is no device of anybody; its heartbeats are sent for it.</summary>
    public async Task<Watcher> WatchAsync(params ulong[] users) => await Watcher.StartAsync(await ConnectAsync(900_000, $"observer-{Guid.NewGuid()}", Observe), users);

    public static void Observe(Hello hello) => hello.InitialStatus = Status.Offline;

    /// <summary>Longer than any deadline that was running, with heartbeats.</summary>
    public static async Task OutliveAsync(RawClient client)
    {
        for (TimeSpan lived = TimeSpan.Zero; lived < SilentAfter + Hold; lived += Interval / 4)
        {
            await client.RoundTripAsync();
            await Task.Delay(Interval / 4);
        }
    }

    /// <summary>Asks again and again until it is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, "It never was.");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    public void Keep(RawClient client) => _clients.Add(client);

    public async ValueTask DisposeAsync()
    {
        foreach (RawClient client in _clients)
        {
            await client.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    /// <summary>SIGTERM, then a new process over the same data.</summary>
    public async Task<int> RestartAsync(int shards = 2)
    {
        int code = await Server.StopAsync();
        ServerProcess old = Server;
        Server = await ServerProcess.StartAsync(Settings(shards), old.DataDirectory);
        return code;
    }
}
