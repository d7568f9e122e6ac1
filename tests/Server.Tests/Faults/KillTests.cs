using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>SIGKILL at the worst moment: right after the server has said that a status holds.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 20;

    private static readonly Status[] _statuses = [Status.Busy, Status.Away, Status.Online, Status.Invisible];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_acknowledged_status_survives_kill_after_kill()
    {
        Dictionary<ulong, (Status Status, ulong Version)> said = [];
        for (int kill = 0; kill < Kills; kill++)
        {
            await using ServerProcess server = await StartAsync();
            await AssertKnownAsync(server, said);
            ulong user = (ulong)kill + 1;
            Status status = _statuses[kill % _statuses.Length];
            await using RawClient client = await ConnectAsync(server, user);
            said[user] = (status, (await client.SetStatusAsync(1, status)).Version);
            await server.KillAsync();
        }

        await using ServerProcess last = await StartAsync();
        await AssertKnownAsync(last, said);
    }

    [Fact]
    public async Task Who_was_online_at_the_kill_was_last_active_when_the_server_was()
    {
        long killedMs;
        await using (ServerProcess server = await StartAsync())
        {
            await using RawClient client = await ConnectAsync(server, 1);
            await client.SetStatusAsync(1, Status.Busy);
            await BeatUntilStatedAsync(server, client);
            killedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await server.KillAsync();
        }

        await using ServerProcess next = await StartAsync();
        await using RawClient connection = await ConnectAsync(next, 900, Scene.Observe);
        Watcher watcher = await Watcher.StartAsync(connection, [1]);
        await watcher.HasAsync(1, Status.Busy);
        PresenceEntry gone = await watcher.HasAsync(1, Status.Offline);
        Assert.InRange((long)gone.LastActiveMs, killedMs - 2_000, killedMs + 1);
    }

    // A watermark is stated every second: when the journal has grown by two since, one of them is younger than the call.
    private static async Task BeatUntilStatedAsync(ServerProcess server, RawClient client)
    {
        string journal = Path.Combine(server.DataDirectory, "journal");
        long Written() => Directory.GetFiles(journal).Sum(path => new FileInfo(path).Length);
        long before = Written();
        while (Written() < before + (2 * 2 * 40))
        {
            await client.RoundTripAsync();
        }
    }

    private static async Task AssertKnownAsync(ServerProcess server, Dictionary<ulong, (Status Status, ulong Version)> said)
    {
        foreach ((ulong user, (Status status, ulong version)) in said)
        {
            await using RawClient self = await ConnectAsync(server, user, Scene.Observe);
            PresenceEntry entry = Assert.Single((await self.QueryAsync(1, user)).Entries);
            Assert.Equal((status, true), (entry.Status, entry.Version >= version));
        }
    }

    private static async Task<RawClient> ConnectAsync(ServerProcess server, ulong user, Action<Hello>? change = null)
    {
        RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, user), $"device-{Guid.NewGuid():N}", change);
        return client;
    }

    // d + 4δ must outlast the questions, which ask for what is shown while it recovers.
    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(
        ["Presence:Shards=2", "Presence:Limits:StatusChanges=0", "Presence:Session:HeartbeatInterval=00:00:10", "Presence:Session:Tolerance=00:00:01"], _data.Path);
}
