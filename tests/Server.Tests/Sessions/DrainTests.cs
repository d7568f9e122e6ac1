using System.Diagnostics;
using System.Net;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Sessions;

/// <summary>A node that stops and one that starts in its place: whoever comes back in its slot was never away.</summary>
public sealed class DrainTests
{
    private const int Fleet = 20;
    private const ulong Leaver = Fleet + 1;

    // Longer than d + 4δ: the next process must know of the promise.
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task Whoever_comes_back_in_its_slot_was_never_away_and_who_does_not_is_gone_after_the_last()
    {
        await using Scene scene = await Scene.StartAsync(2, $"Presence:Admission:DrainTime={s_drain}");
        RawClient[] fleet = await Task.WhenAll(Enumerable.Range(1, Fleet).Select(user => scene.ConnectAsync((ulong)user)));
        RawClient leaver = await scene.ConnectAsync(Leaver);
        long told = Stopwatch.GetTimestamp();
        Task<int> restarting = scene.RestartAsync();
        GoAway[] goAways = await Task.WhenAll(fleet.Append(leaver).Select(LeaveAsync));
        Assert.Equal(0, await restarting);
        Assert.All(goAways, static goAway => Assert.Equal(CloseCode.Draining, goAway.CloseCode));
        uint[] slots = [.. goAways.Select(static goAway => goAway.ReconnectAfterMs)];
        Assert.Equal(slots.Length, slots.Distinct().Count());
        Assert.InRange(slots.Max(), (uint)(s_drain.TotalMilliseconds / 2), (uint)s_drain.TotalMilliseconds);

        Watcher watcher = await scene.WatchAsync([.. Enumerable.Range(1, Fleet + 1).Select(static user => (ulong)user)]);
        Welcome[] welcomes = await Task.WhenAll(fleet.Select((client, n) => ComeBackAsync(scene, client, told, slots[n])));
        Assert.All(welcomes, static welcome => Assert.True(welcome.Resumed));
        PresenceEntry gone = await watcher.OfflineAsync(Leaver);
        Assert.True(Stopwatch.GetElapsedTime(told) >= s_drain, "Who had a slot was called offline before it.");
        Assert.Single(watcher.All, static entry => entry.Status == Status.Offline);
        // The snapshot, and one that left.
        Assert.Equal(Fleet + 2, watcher.All.Count);
        Assert.True(gone.HasLastActiveMs);
    }

    [Fact]
    public async Task While_it_drains_it_is_not_ready_and_takes_nobody_in()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient stays = await scene.ConnectAsync(1);
        Task<int> stopping = scene.Server.StopAsync();
        await stays.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway);
        using var http = new HttpClient();
        HttpResponseMessage ready = await http.GetAsync($"http://{scene.Server.Admin}/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("stopping", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using RawClient late = await RawClient.ConnectAsync(scene.Server.Tcp);
            await late.HelloAsync(TestTokens.For(scene.Server, 2));
        });
        await stays.DisposeAsync();
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task A_second_signal_waits_for_nobody()
    {
        await using Scene scene = await Scene.StartAsync();
        RawClient stays = await scene.ConnectAsync(1);
        Task<int> stopping = scene.Server.StopAsync();
        await stays.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway);
        Assert.Equal(0, await scene.Server.StopAsync());
        Assert.Equal(0, await stopping);
    }

    private static async Task<GoAway> LeaveAsync(RawClient client)
    {
        GoAway goAway = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway;
        await client.DisposeAsync();
        return goAway;
    }

    private static async Task<Welcome> ComeBackAsync(Scene scene, RawClient before, long told, uint slot)
    {
        await Comers.WaitAsync(told, slot);
        RawClient client = await RawClient.ConnectAsync(scene.Server.Tcp);
        scene.Keep(client);
        Welcome welcome = await client.HelloAsync("", change: hello => hello.ResumeToken = before.Welcome!.ResumeToken);
        // It stays alive by itself.
        await Watcher.StartAsync(client, [1]);
        return welcome;
    }
}
