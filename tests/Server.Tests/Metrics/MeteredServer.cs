using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Metrics;

/// <summary>A server to which everything has happened once that a metric tells of, and what it then shows.</summary>
public sealed class MeteredServer : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _clients = [];
    private readonly List<IDisposable> _strangers = [];
    private Watcher _watcher = null!;

    public ServerProcess Process { get; private set; } = null!;

    internal Scrape Shown { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Process = await ServerProcess.StartAsync(
        [
            .. Scene.Settings(2),
            "Presence:Limits:StatusChanges=5/30s",
            "Presence:Session:HandshakeTimeout=00:00:02",
            "Presence:Store:CheckpointInterval=00:00:01",
            "Presence:Limits:Watches=10",
        ]);
        _watcher = await Watcher.StartAsync(await HelloAsync(2), [1, 3, 4, 5, 7]);
        RawClient user = await BeSeenAsync(1);
        await user.SetStatusAsync(1, Status.Busy);
        await _watcher.HasAsync(1, Status.Busy);
        await DelayStatusAsync();
        await GoAsync();
        // Who is silent from now on.
        await BeSeenAsync(7);
        await HitLimitsAsync();
        await ComeWithBadTokensAsync();
        await OpenLinkAsync();
        // Who never says Hello.
        var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _strangers.Add(stranger);
        await stranger.ConnectAsync(Process.Tcp);
        Shown = await Scrape.WaitAsync(Process, static scrape =>
            scrape.SumOrNothing("presence_limit_hits_total", "limit=handshake_timeout") > 0
            && scrape.SumOrNothing("presence_transitions_total", "cause=silent") > 0
            && scrape.SumOrNothing("presence_transitions_total", "cause=hold_over") > 0
            && scrape.SumOrNothing("presence_detection_duration_seconds_count", "cause=hold_over") > 0
            && scrape.SumOrNothing("presence_detection_duration_seconds_count", "cause=silent") > 0
            && scrape.SumOrNothing("presence_propagation_duration_seconds_count") > 0
            && scrape.SumOrNothing("presence_detection_duration_seconds_count", "cause=goodbye") > 0
            && scrape.SumOrNothing("presence_link_sessions") > 0
            && scrape.SumOrNothing("presence_checkpoints_total") > 0
            && scrape.SumOrNothing("dotnet_gc_last_collection_heap_size_bytes") > 0);
    }

    public async ValueTask DisposeAsync()
    {
        _strangers.ForEach(static stranger => stranger.Dispose());
        foreach (IAsyncDisposable client in _clients)
        {
            await client.DisposeAsync();
        }

        await Process.DisposeAsync();
    }

    private async Task<RawClient> HelloAsync(ulong user)
    {
        RawClient client = await ConnectAsync();
        await client.HelloAsync(TestTokens.For(Process, user));
        return client;
    }

    // Up, and not only on its way: who leaves before its record is loaded was never seen.
    private async Task<RawClient> BeSeenAsync(ulong user)
    {
        RawClient client = await HelloAsync(user);
        await _watcher.OnlineAsync(user);
        return client;
    }

    private async Task<RawClient> ConnectAsync()
    {
        RawClient client = await RawClient.ConnectAsync(Process.Tcp);
        _clients.Add(client);
        return client;
    }

    private async Task DelayStatusAsync()
    {
        RawClient fickle = await BeSeenAsync(3);
        for (ulong change = 0; change < 6; change++)
        {
            await fickle.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = change + 1, Status = change % 2 == 0 ? Status.Away : Status.Busy } });
        }

        await fickle.RoundTripAsync();
    }

    // One says Goodbye, one is lost; one comes back as a second connection of the same device.
    private async Task GoAsync()
    {
        await (await BeSeenAsync(4)).SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await (await BeSeenAsync(5)).DisposeAsync();
        RawClient older = await HelloAsync(6);
        await HelloAsync(6);
        Assert.Equal(CloseCode.Replaced, (await older.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    private async Task HitLimitsAsync()
    {
        RawClient greedy = await HelloAsync(11);
        var many = new Watch { RequestId = 9 };
        many.UserIds.Add(Enumerable.Range(100, 11).Select(static id => (ulong)id));
        await greedy.SendAsync(new ClientFrame { Watch = many });
        Assert.Equal("watches", (await greedy.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Which);

        // The length of a frame of 2 MiB.
        RawClient verbose = await HelloAsync(8);
        await verbose.SendBytesAsync([0x80, 0x80, 0x80, 0x01]);
        Assert.Equal(CloseCode.Malformed, (await verbose.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://{Process.Http}/users/presence") { Content = JsonContent.Create(new string('x', 100_000)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(Process, 9));
        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.Equal(413, (int)answer.StatusCode);
    }

    private async Task ComeWithBadTokensAsync()
    {
        foreach (string token in new[] { "nonsense", TestTokens.Expired(Process, 10) })
        {
            RawClient client = await ConnectAsync();
            await client.SendAsync(new ClientFrame { Hello = new Hello { ProtocolVersion = 1, Token = token, DeviceId = "phone" } });
            await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway);
        }
    }

    private async Task OpenLinkAsync()
    {
        RawGateway gateway = await RawGateway.OpenAsync(Process);
        _clients.Add(gateway);
        await gateway.AckedAsync(await gateway.UpAsync(501, 502, 503));
        await gateway.AckedAsync(await gateway.BeatAsync(501, 502, 503));
        await gateway.AckedAsync(await gateway.CompleteAsync());
        gateway.KeepUp(Scene.Interval / 4, 501, 502, 503);
    }
}

[CollectionDefinition(nameof(MeteredServer))]
public sealed class MeteredServerTests : ICollectionFixture<MeteredServer>;
