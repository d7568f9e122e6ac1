using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Tests.Storage;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>A node serves from the first moment, however much its store has to load, and loses nothing of what happens meanwhile.</summary>
public sealed class RecoveringNodeTests : IDisposable
{
    private const ulong Watcher = 900_000;
    private const ulong Away = 5;
    private const ulong Online = 6;

    private readonly TemporaryDirectory _directory = new();
    private readonly GatedDisk _disk = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Who_is_not_loaded_is_unknown_everywhere_and_told_as_soon_as_it_is()
    {
        long leftMs = await StoreAsync();
        await using NodeInProcess node = await NodeInProcess.StartAsync(_directory.Path, _disk);
        await using RawClient watcher = await node.ConnectAsync(Watcher, observes: true);
        PresenceEntry first = (await watcher.WatchAsync(1, Away)).Entries.Single();
        Assert.Equal((Status.Unknown, true), (first.Status, first.HasAsOfMs));
        Assert.InRange((long)first.AsOfMs, leftMs, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal("unknown", await AskAsync(node, Away));

        await using RawClient device = await node.ConnectAsync(Online);
        Assert.Equal(Status.Unknown, (await watcher.QueryAsync(2, Online)).Entries.Single().Status);
        Assert.Equal((HttpStatusCode.OK, "degraded", $"Recovering: 0 of {ManyUsers.Count} records"), await RecoveryAsync(node));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"http://{node.Admin}/livez", TestContext.Current.CancellationToken)).StatusCode);

        _disk.Open();
        PresenceEntry then = await watcher.UpdateAsync(Away);
        Assert.Equal((Status.Offline, (ulong)leftMs), (then.Status, then.LastActiveMs));
        await node.Store.Loaded;
        Assert.Equal((HttpStatusCode.OK, "ok", $"Recovered; {ManyUsers.Count} records were loaded"), await RecoveryAsync(node));
        Assert.Equal("offline", await AskAsync(node, Away));
        await device.RoundTripAsync();
        Assert.Equal(Status.Online, (await watcher.WatchAsync(3, Online)).Entries.Single().Status);
    }

    [Fact]
    public async Task A_stop_while_it_loads_saves_who_has_come()
    {
        await StoreAsync();
        await using (NodeInProcess node = await NodeInProcess.StartAsync(_directory.Path, _disk))
        {
            await using RawClient device = await node.ConnectAsync(Online);
            Task stopping = node.StopAsync();
            Assert.Equal(CloseCode.Draining, (await device.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
            await device.DisposeAsync();
            _disk.Open();
            await stopping;
        }

        await using NodeInProcess next = await NodeInProcess.StartAsync(_directory.Path, new CheckpointDisk());
        await next.Store.Loaded;
        Assert.Equal("online", await AskAsync(next, Online));
        Assert.Equal("offline", await AskAsync(next, Away));
    }

    [Fact]
    public async Task A_process_that_is_killed_again_and_again_while_it_loads_loses_nothing()
    {
        long leftMs = await StoreAsync();
        for (int i = 0; i < 3; i++)
        {
            await using ServerProcess server = await ServerProcess.StartAsync(dataDirectory: _directory.Path);
            await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
            await client.HelloAsync(TestTokens.For(server, Online));
            await server.KillAsync();
        }

        await using (ServerProcess server = await ServerProcess.StartAsync(dataDirectory: _directory.Path))
        {
            Assert.Equal(0, await server.StopAsync());
        }

        await using NodeInProcess node = await NodeInProcess.StartAsync(_directory.Path, new CheckpointDisk());
        await node.Store.Loaded;
        Assert.True(node.Store.Health.Records >= ManyUsers.Count);
        await using RawClient watcher = await node.ConnectAsync(Watcher, observes: true);
        Assert.Equal((ulong)leftMs, (await watcher.QueryAsync(1, Away)).Entries.Single().LastActiveMs);
    }

    [Fact]
    public async Task Damage_that_nothing_mends_ends_the_process_with_2_and_says_so()
    {
        await StoreAsync();
        string file = Directory.GetFiles(Path.Combine(_directory.Path, "last-active"), "*.ckpt").Single();
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Position = stream.Length / 2;
            stream.Write([0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00]);
        }

        (int code, string output) = await ServerProcess.RunToEndAsync(ServerProcess.Defaults(_directory.Path));
        Assert.Equal(2, code);
        Assert.Contains("checksum", output, StringComparison.Ordinal);
        Assert.Contains("Restore that directory from a backup", output, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    // Leaves a data directory as a server does that has stopped; returns when everybody was last active.
    private async Task<long> StoreAsync()
    {
        using DataDirectory directory = DataDirectory.Open(_directory.Path);
        long nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var options = new StoreOptions { MemoryBudget = 64 << 20 };
        await using LastActiveStore store = LastActiveStore.Open(
            directory, options, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new CheckpointDisk());
        store.Load();
        foreach (ulong user in ManyUsers.All)
        {
            store.Write(new UserRecord(user, (ulong)nowMs << 16, nowMs, nowMs, (byte)Status.Offline, 0));
        }

        return nowMs;
    }

    private async Task<string> AskAsync(NodeInProcess node, ulong user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{node.Http}/users/presence?users={user}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.TokenFor(Watcher));
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return answer.RootElement.GetProperty("users").EnumerateArray().Single().GetProperty("presence").GetString()!;
    }

    private async Task<(HttpStatusCode Code, string Status, string Detail)> RecoveryAsync(NodeInProcess node)
    {
        using HttpResponseMessage response = await _http.GetAsync($"http://{node.Admin}/readyz", TestContext.Current.CancellationToken);
        using var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        JsonElement check = health.RootElement.GetProperty("checks").EnumerateArray().Single(one => one.GetProperty("name").ValueEquals("recovery"));
        return (response.StatusCode, check.GetProperty("status").GetString()!, check.GetProperty("detail").GetString()!.Split('.')[0]);
    }
}
