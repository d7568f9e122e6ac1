using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>SIGKILL while users are online; none of them comes back, and nobody asks about them.</summary>
public sealed class UnaskedTests : IDisposable
{
    private const ulong Direct = 5_000;

    private static readonly ulong[] _users = [.. Enumerable.Range(1, 200).Select(user => (ulong)user), Direct];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task They_go_offline_once_and_stay_so_over_the_next_kill(int shards)
    {
        long cameMs = NowMs(), killedMs;
        await using (ServerProcess first = await StartAsync(shards))
        {
            await using RawGateway platform = await RawGateway.OpenAsync(first, "platform");
            await platform.AckedAsync(await platform.UpAsync(Status.Away, _users[..^1]));
            await using RawClient direct = await SetDurablyAsync(first, Direct);
            await first.KillAsync();
            killedMs = NowMs();
        }

        Dictionary<ulong, PresenceEntry> told;
        await using (ServerProcess second = await StartAsync(shards))
        {
            await using RawGateway listener = await RawGateway.OpenAsync(second, "listener");
            listener.KeepUp(TimeSpan.FromSeconds(1));
            told = await HearAllGoAsync(listener);
            Assert.All(told.Values, entry => Assert.InRange((long)entry.LastActiveMs, cameMs, killedMs));
            await using RawClient another = await SetDurablyAsync(second, Direct + 1);
            await second.KillAsync();
        }

        await using ServerProcess third = await StartAsync(shards);
        await using RawClient observer = await RawClient.ConnectAsync(third.Tcp);
        await observer.HelloAsync(TestTokens.For(third, 900), change: Scene.Observe);
        PresenceBatch answer = await observer.QueryAsync(1, _users);
        Assert.All(answer.Entries, entry => Assert.Equal(told[entry.UserId], entry));
        Assert.Equal(_users.Length, answer.Entries.Count);
    }

    private static long NowMs() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    // Nobody goes before the link has named its set, which is nobody, and by then it watches.
    private static async Task<Dictionary<ulong, PresenceEntry>> HearAllGoAsync(RawGateway listener)
    {
        await listener.Client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = 1 } });
        await listener.Client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
        await listener.CompleteAsync();
        Dictionary<ulong, PresenceEntry> told = [];
        while (told.Count < _users.Length)
        {
            Add(told, (await listener.Client.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch);
        }

        var query = new Query { RequestId = 2, UserIds = { _users } };
        await listener.Client.SendAsync(new ClientFrame { Query = query });
        PresenceBatch answer;
        while (!(answer = (await listener.Client.ReceiveAsync(ServerFrame.FrameOneofCase.PresenceBatch)).PresenceBatch).HasRequestId)
        {
            Add(told, answer);
        }

        Assert.All(answer.Entries, entry => Assert.Equal(told[entry.UserId], entry));
        return told;
    }

    private static void Add(Dictionary<ulong, PresenceEntry> told, PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            Assert.Equal(Status.Offline, entry.Status);
            told.Add(entry.UserId, entry);
        }
    }

    // Its ack comes when all that was journaled before it is on disk, of all shards.
    private static async Task<RawClient> SetDurablyAsync(ServerProcess server, ulong user)
    {
        RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, user));
        await client.SetStatusAsync(1, Status.Busy);
        return client;
    }

    private Task<ServerProcess> StartAsync(int shards) => ServerProcess.StartAsync(
        [
            $"Presence:Shards={shards}",
            "Presence:Session:HeartbeatInterval=00:00:04",
            "Presence:Session:Tolerance=00:00:01",
            "Presence:Store:CheckpointInterval=01:00:00",
        ],
        _data.Path);
}
