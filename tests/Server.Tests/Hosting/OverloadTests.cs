using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Storage;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>A node with more to do than it is given: what it does without, that a change is told all the same, and that it takes all up again. The load is made up.</summary>
public sealed class OverloadTests
{
    private const string Interval = "00:10:00";
    private const string Longest = "00:25:00";

    // Of new ones one a second while it is overloaded.
    private const int Handshakes = 64;

    [Fact]
    public async Task Under_load_less_and_less_is_served_but_transitions_are_and_afterwards_all_is_again()
    {
        var load = new MadeUpLoad();
        using var directory = new TemporaryDirectory();
        await using NodeInProcess node = await NodeInProcess.StartAsync(
            directory.Path,
            new CheckpointDisk(),
            services => services.AddSingleton<ILoadMeter>(load),
            $"Presence:Session:HeartbeatInterval={Interval}",
            $"Presence:Overload:MaxHeartbeatInterval={Longest}",
            $"Presence:Admission:Handshakes={Handshakes}");
        await using RawClient asker = await node.ConnectAsync(1), friend = await node.ConnectAsync(2), observer = await node.ConnectAsync(3, observes: true);
        Watcher watcher = await Watcher.StartAsync(observer, [2]);
        load.IsHeavy = true;
        await Scene.UntilAsync(async () => await IntervalAsync(asker) == TimeSpan.Parse(Longest));
        await Scene.UntilAsync(async () => await AskAsync(asker) is { Error: { Code: ErrorCode.Overloaded, Which: "reads", HasReconnectAfterMs: true } });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskOverHttpAsync(node)).StatusCode);
        await Scene.UntilAsync(() => IsPutOffAsync(node));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PutAsync(node, 5)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(node, 1)).StatusCode);
        await friend.SetStatusAsync(1, Status.Away);
        await watcher.HasAsync(2, Status.Away);
        // Who was here before is let in.
        await using RawClient back = await RawClient.ConnectAsync(node.Tcp);
        Assert.True((await back.HelloAsync("", change: hello => hello.ResumeToken = friend.Welcome!.ResumeToken)).Resumed);
        load.IsHeavy = false;

        await Scene.UntilAsync(async () => await IntervalAsync(asker) == TimeSpan.Parse(Interval));
        Assert.NotNull((await AskAsync(asker)).PresenceBatch);
        Assert.Equal(HttpStatusCode.OK, (await AskOverHttpAsync(node)).StatusCode);
        Assert.False(await IsPutOffAsync(node));
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(node, 5)).StatusCode);
    }

    private static async Task<TimeSpan> IntervalAsync(RawClient client)
    {
        await client.HeartbeatAsync(HeartbeatFlags.WantAck);
        return TimeSpan.FromMilliseconds((await client.ReceiveAsync(ServerFrame.FrameOneofCase.HeartbeatAck)).HeartbeatAck.HeartbeatIntervalMs);
    }

    private static async Task<ServerFrame> AskAsync(RawClient client)
    {
        await client.SendAsync(new ClientFrame { Query = new Query { RequestId = 1, UserIds = { 2 } } });
        return await client.ReceiveAsync();
    }

    private static async Task<HttpResponseMessage> AskOverHttpAsync(NodeInProcess node)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", node.TokenFor(1));
        return await http.GetAsync($"http://{node.Http}/users/presence?users=2", TestContext.Current.CancellationToken);
    }

    private static async Task<HttpResponseMessage> PutAsync(NodeInProcess node, ulong user)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", node.TokenFor(user));
        return await http.PutAsync($"http://{node.Http}/users/presence", new StringContent("""{"presence":"online"}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
    }

    // Of some in a row one is told to come later.
    private static async Task<bool> IsPutOffAsync(NodeInProcess node)
    {
        for (int i = 0; i < Handshakes / 8; i++)
        {
            await using RawClient stranger = await RawClient.ConnectAsync(node.Tcp);
            if ((await stranger.TryHelloAsync(node.TokenFor(4), $"device-{i}")).Error is { Code: ErrorCode.Overloaded, Which: "handshakes" })
            {
                return true;
            }
        }

        return false;
    }

    private sealed class MadeUpLoad : ILoadMeter
    {
        private volatile bool _isHeavy;

        public bool IsHeavy
        {
            get => _isHeavy;
            set => _isHeavy = value;
        }

        public TimeSpan Every { get; } = TimeSpan.FromMilliseconds(20);

        public NodeLoad Read() => _isHeavy ? new NodeLoad(TimeSpan.MaxValue, Cpu: 0) : default;
    }
}
