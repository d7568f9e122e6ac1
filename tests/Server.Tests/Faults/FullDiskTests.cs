using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>A disk that fills up under the server, and is made free again.</summary>
public sealed class FullDiskTests
{
    // A segment is ended after a sixteenth of its retention, so that its room, taken ahead, does not hide the full disk for long.
    private static readonly string[] _settings =
    [
        "Presence:Shards=2",
        "Presence:Limits:StatusChanges=0",
        "Presence:Journal:Retention=00:01:00",
        "Presence:Journal:MaxBytes=16MiB",
    ];

    [Fact]
    public async Task Presence_goes_on_statuses_are_not_acknowledged_and_it_comes_back_by_itself()
    {
        using var disk = Tmpfs.TryMount(megabytes: 64, out string why);
        Assert.SkipWhen(disk is null, why);
        Status shown;
        await using (ServerProcess server = await ServerProcess.StartAsync(_settings, disk.Path))
        {
            await using RawClient watcher = await ConnectAsync(server, 900, Scene.Observe);
            await using RawClient client = await ConnectAsync(server, 1);
            await using RawClient acked = await ConnectAsync(server, 2);
            await watcher.WatchAsync(1, 1, 2);
            await acked.SetStatusAsync(1, Status.Away);

            disk.Fill();
            string problem = await server.HasAsync("journal", "degraded");
            Assert.Contains("statuses are not acknowledged", problem, StringComparison.Ordinal);
            Assert.Contains("free some space", problem, StringComparison.Ordinal);
            Error error = await RefusedAsync(client, 1, Status.Busy);
            Assert.Equal((ErrorCode.Unavailable, 1UL), (error.Code, error.RequestId));
            Assert.Equal(Status.Busy, (await watcher.UpdateAsync(1, entry => entry.Status == Status.Busy)).Status);

            disk.Free();
            await server.HasAsync("journal", "ok");
            Ack ack = await client.SetStatusAsync(2, Status.Away);
            shown = Status.Away;
            Assert.Equal(ack.Version, (await watcher.UpdateAsync(1, entry => entry.Status == shown)).Version);
            await server.KillAsync();
        }

        await using ServerProcess next = await ServerProcess.StartAsync(_settings, disk.Path);
        await using RawClient asker = await ConnectAsync(next, 901, Scene.Observe);
        PresenceBatch known = await asker.QueryAsync(1, 1, 2);
        Assert.All(known.Entries, entry => Assert.Equal(shown, entry.Status));
        Assert.Equal(2, known.Entries.Count);
    }

    private static async Task<RawClient> ConnectAsync(ServerProcess server, ulong user, Action<Hello>? change = null)
    {
        RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, user), "phone", change);
        return client;
    }

    private static async Task<Error> RefusedAsync(RawClient client, ulong requestId, Status status)
    {
        await client.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = requestId, Status = status } });
        return (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
    }
}
