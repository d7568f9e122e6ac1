using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Faults;

/// <summary>The data directory is deleted, or takes no more files, under a server that runs: presence goes on, and the disk is used again when it can be.</summary>
public sealed class LostDirectoryTests : IDisposable
{
    // A segment is ended after a sixteenth of its retention: then the journal needs a new file.
    private static readonly string[] s_settings =
    [
        "Presence:Shards=2",
        "Presence:Limits:StatusChanges=0",
        "Presence:Journal:Retention=00:01:00",
        "Presence:Store:CheckpointInterval=00:00:01",
    ];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Deleted_it_is_written_again_and_what_is_acknowledged_from_then_on_survives_a_kill()
    {
        await using (ServerProcess server = await ServerProcess.StartAsync(s_settings, _data.Path))
        {
            await using RawClient client = await ConnectAsync(server, 1);
            await using RawClient watcher = await ConnectAsync(server, 900, Scene.Observe);
            await watcher.WatchAsync(1, 1);
            await client.SetStatusAsync(1, Status.Away);
            Directory.Delete(_data["journal"], recursive: true);
            Directory.Delete(_data["last-active"], recursive: true);

            // The journal finds its file gone within a second, and makes another.
            while (!Directory.Exists(_data["journal"]) || Directory.GetFiles(_data["journal"]).Length == 0)
            {
                await client.RoundTripAsync();
            }

            await server.HasAsync("journal", "ok");
            // A checkpoint may have been made between the last change and the end of its directory: another change asks for one.
            await client.SetStatusAsync(50, Status.Online);
            string problem = await server.HasAsync("store", "degraded");
            Assert.Contains("checkpoint failed", problem, StringComparison.Ordinal);
            await client.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = 100, Status = Status.Busy } });
            Assert.Equal(Status.Busy, (await watcher.UpdateAsync(1, static entry => entry.Status == Status.Busy)).Status);

            Directory.CreateDirectory(_data["last-active"]);
            await server.HasAsync("store", "ok");
            await client.SetStatusAsync(200, Status.Away);
            await server.KillAsync();
        }

        await AssertAwayAfterRestartAsync(_data.Path);
    }

    [Fact]
    public async Task On_a_file_system_that_takes_nothing_any_more_statuses_are_not_acknowledged_until_it_does()
    {
        using var disk = Tmpfs.TryMount(megabytes: 256, out string why);
        Assert.SkipWhen(disk is null, why);
        await using (ServerProcess server = await ServerProcess.StartAsync(s_settings, disk.Path))
        {
            await using RawClient client = await ConnectAsync(server, 1);
            await using RawClient watcher = await ConnectAsync(server, 900, Scene.Observe);
            await watcher.WatchAsync(1, 1);
            await client.SetStatusAsync(1, Status.Away);

            disk.Freeze();
            string problem = await server.HasAsync("journal", "degraded");
            Assert.Contains("Read-only file system", problem, StringComparison.Ordinal);
            await client.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = 2, Status = Status.Busy } });
            Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
            Assert.Equal((ErrorCode.Unavailable, 2UL), (error.Code, error.RequestId));
            Assert.Equal(Status.Busy, (await watcher.UpdateAsync(1, static entry => entry.Status == Status.Busy)).Status);

            disk.Thaw();
            await server.HasAsync("journal", "ok");
            await client.SetStatusAsync(3, Status.Away);
            await server.KillAsync();
        }

        await AssertAwayAfterRestartAsync(disk.Path);
    }

    private static async Task AssertAwayAfterRestartAsync(string directory)
    {
        await using ServerProcess next = await ServerProcess.StartAsync(s_settings, directory);
        await using RawClient asker = await ConnectAsync(next, 901, Scene.Observe);
        Assert.Equal(Status.Away, Assert.Single((await asker.QueryAsync(1, 1)).Entries).Status);
    }

    private static async Task<RawClient> ConnectAsync(ServerProcess server, ulong user, Action<Hello>? change = null)
    {
        RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, user), "phone", change);
        return client;
    }
}
