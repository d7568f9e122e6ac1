using System.Net;
using System.Net.Http.Headers;
using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>A node with more to do than it is given: what it does without, that a change is told all the same, and that it takes all up again.</summary>
public sealed class OverloadTests
{
    // Nobody has to send heartbeats while the test lasts.
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(25);

    [Fact]
    public async Task Under_load_less_and_less_is_served_but_transitions_are_and_afterwards_all_is_again()
    {
        await using Scene scene = await Scene.StartAsync(
            2, $"Presence:Session:HeartbeatInterval={s_interval}", "Presence:Overload:Cpu=10", $"Presence:Overload:MaxHeartbeatInterval={s_longest}");
        RawClient asker = await scene.ConnectAsync(1);
        RawClient friend = await scene.ConnectAsync(2);
        Watcher watcher = await scene.WatchAsync(2);
        using var load = new Load(await Task.WhenAll(Enumerable.Range(100, 4).Select(user => scene.ConnectAsync((ulong)user))));
        await UntilAsync(async () => await IntervalAsync(asker) == s_longest);
        await UntilAsync(async () => await AskAsync(asker) is { Error: { Code: ErrorCode.Overloaded, Which: "reads", HasReconnectAfterMs: true } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskOverHttpAsync(scene)).StatusCode);
        await UntilAsync(async () => await IsPutOffAsync(scene));
        await friend.SetStatusAsync(1, Status.Away);
        await watcher.HasAsync(2, Status.Away);
        // Who was here before is let in.
        await using RawClient back = await RawClient.ConnectAsync(scene.Server.Tcp);
        Assert.True((await back.HelloAsync("", change: hello => hello.ResumeToken = friend.Welcome!.ResumeToken)).Resumed);
        load.End();

        await UntilAsync(async () => await IntervalAsync(asker) == s_interval);
        Assert.NotNull((await AskAsync(asker)).PresenceBatch);
        Assert.Equal(HttpStatusCode.OK, (await AskOverHttpAsync(scene)).StatusCode);
        Assert.False(await IsPutOffAsync(scene));
    }

    private static async Task<TimeSpan> IntervalAsync(RawClient client)
    {
        await client.HeartbeatAsync(HeartbeatFlags.WantAck);
        return TimeSpan.FromMilliseconds((await client.ReceiveAsync(ServerFrame.FrameOneofCase.HeartbeatAck)).HeartbeatAck.HeartbeatIntervalMs);
    }

    private static async Task<ServerFrame> AskAsync(RawClient client)
    {
        var query = new Query { RequestId = 1, UserIds = { 2 } };
        await client.SendAsync(new ClientFrame { Query = query });
        return await client.ReceiveAsync();
    }

    private static async Task<HttpResponseMessage> AskOverHttpAsync(Scene scene)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(scene.Server, 1));
        return await http.GetAsync($"http://{scene.Server.Http}/users/presence?users=2", TestContext.Current.CancellationToken);
    }

    // New ones come in at a trickle: of some in a row one is told to come later.
    private static async Task<bool> IsPutOffAsync(Scene scene)
    {
        for (int i = 0; i < 200; i++)
        {
            await using RawClient stranger = await RawClient.ConnectAsync(scene.Server.Tcp);
            if ((await stranger.TryHelloAsync(TestTokens.For(scene.Server, 3), $"device-{i % 8}")).Error is { Code: ErrorCode.Overloaded, Which: "handshakes" })
            {
                return true;
            }
        }

        return false;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
        }
    }

    /// <summary>Heartbeats as fast as they are taken.</summary>
    private sealed class Load : IDisposable
    {
        private static readonly byte[] s_heartbeats = [.. Enumerable.Repeat<byte[]>([2, 8, 0], 20_000).SelectMany(static beat => beat)];

        private readonly CancellationTokenSource _end = new();

        public Load(RawClient[] clients)
        {
            foreach (RawClient client in clients)
            {
                _ = Task.Run(() => FloodAsync(client));
            }
        }

        public void End() => _end.Cancel();

        public void Dispose()
        {
            End();
            _end.Dispose();
        }

        private async Task FloodAsync(RawClient client)
        {
            CancellationToken end = _end.Token;
            while (!end.IsCancellationRequested)
            {
                await client.SendBytesAsync(s_heartbeats);
            }
        }
    }
}
