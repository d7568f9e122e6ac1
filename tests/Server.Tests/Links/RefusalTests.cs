using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>What a link is told that breaks a rule: a clear error, nothing done, no seq taken.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private Scene _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await Scene.StartAsync(2, "Presence:Limits:Gateways=2", "Presence:Limits:LinkIds=1000", "Presence:Limits:LinkPendingRequests=100");

    public async ValueTask DisposeAsync()
    {
        // Whatever was thrown at it, the server serves.
        await (await _scene.ConnectAsync(77)).RoundTripAsync();
        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task A_gap_is_refused_with_the_seq_that_was_expected()
    {
        RawGateway gateway = await _scene.OpenAsync();
        await gateway.AckedAsync(await gateway.UpAsync(2));
        await gateway.SendAsync(SessionsVerb.Up, 3, [3]);
        Error error = await gateway.ErrorAsync();
        Assert.Equal((ErrorCode.OutOfOrder, "seq", 2UL, 3UL), (error.Code, error.Which, error.Allowed, error.Seq));
        await gateway.SendAsync(SessionsVerb.Up, 0, [3]);
        Assert.Equal((ErrorCode.OutOfOrder, 2UL, 0UL), await CodeAsync(gateway));
        await gateway.AckedAsync(await gateway.BeatAsync(2));
        Assert.Equal(Status.Offline, (await gateway.Client.QueryAsync(1, 3)).Entries.Single().Status);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public async Task An_id_that_is_none_refuses_the_whole_frame(ulong id)
    {
        RawGateway gateway = await _scene.OpenAsync();
        foreach (SessionsVerb verb in Enum.GetValues<SessionsVerb>())
        {
            await gateway.SendAsync(verb, 1, [3, id, 4]);
            Error error = await gateway.ErrorAsync();
            Assert.Equal((ErrorCode.InvalidArgument, "user_ids", 1UL), (error.Code, error.Which, error.Seq));
        }

        Assert.All((await gateway.Client.QueryAsync(1, 3, 4)).Entries, entry => Assert.Equal(Status.Offline, entry.Status));
        await gateway.AckedAsync(await gateway.UpAsync(3));
    }

    [Fact]
    public async Task More_ids_than_the_limit_and_a_status_that_is_none_are_refused()
    {
        RawGateway gateway = await _scene.OpenAsync();
        Assert.Equal((1_000u, 100u), (gateway.Welcome.Limits.LinkIds, gateway.Welcome.Limits.PendingRequests));
        await gateway.SendAsync(SessionsVerb.Beat, 1, [.. Enumerable.Range(1, 1_001).Select(i => (ulong)i)]);
        Error error = await gateway.ErrorAsync();
        Assert.Equal((ErrorCode.Limit, LimitNames.LinkIds, 1_000UL), (error.Code, error.Which, error.Allowed));
        foreach (Status status in new[] { Status.Offline, Status.Invisible, Status.Unknown, (Status)9 })
        {
            await gateway.SendAsync(SessionsVerb.Up, 1, [3], status);
            error = await gateway.ErrorAsync();
            Assert.Equal((ErrorCode.InvalidArgument, "status"), (error.Code, error.Which));
        }

        await gateway.AckedAsync(await gateway.UpAsync(3));
    }

    [Fact]
    public async Task Who_has_as_many_devices_as_are_allowed_is_refused_alone_and_told()
    {
        for (int i = 0; i < 16; i++)
        {
            await _scene.ConnectAsync(301, $"device-{i}");
        }

        RawGateway gateway = await _scene.OpenAsync();
        await gateway.UpAsync(Status.Busy, 300, 301, 302);
        Error error = await gateway.ErrorAsync();
        Assert.Equal((ErrorCode.Limit, LimitNames.Devices, 16UL, false), (error.Code, error.Which, error.Allowed, error.HasSeq));
        Assert.Contains("1 users did not come up, one is 301", error.Message, StringComparison.Ordinal);
        await gateway.BeatAsync(300, 301);
        Assert.Equal((ErrorCode.Limit, LimitNames.Devices), (await gateway.ErrorAsync() is var again ? (again.Code, again.Which) : default));
        await gateway.AckedAsync(await gateway.DownAsync(302));
        PresenceBatch now = await gateway.Client.QueryAsync(1, 300, 301, 302);
        Assert.Equal(
            [Status.Busy, Status.Online, Status.Offline], now.Entries.OrderBy(entry => entry.UserId).Select(entry => entry.Status));
    }

    [Theory]
    [InlineData(null, ErrorCode.Unauthenticated, CloseCode.BadToken)]
    [InlineData("presence:admin presence:gateways", ErrorCode.Unauthenticated, CloseCode.BadToken)]
    public async Task A_direct_clients_token_opens_no_link(string? scope, ErrorCode code, CloseCode close)
    {
        Error error = await RefusedAsync(hello => hello.Token = TestTokens.For(_scene.Server, 2, scope: scope), close);
        Assert.Equal((code, "token"), (error.Code, error.Which));
        Assert.Contains("presence:gateway", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public async Task A_gateway_id_has_1_to_64_bytes(int bytes)
    {
        Error error = await RefusedAsync(hello => hello.GatewayId = new string('g', bytes), CloseCode.Refused);
        Assert.Equal((ErrorCode.InvalidArgument, "gateway_id"), (error.Code, error.Which));
    }

    [Fact]
    public async Task Another_protocol_version_is_refused() =>
        Assert.Equal(ErrorCode.Unsupported, (await RefusedAsync(hello => hello.ProtocolVersion = 2, CloseCode.UnsupportedVersion)).Code);

    [Fact]
    public async Task A_gateway_too_many_is_refused_until_another_is_gone()
    {
        RawGateway one = await _scene.OpenAsync("one");
        await _scene.OpenAsync("two");
        Error error = await RefusedAsync(hello => hello.GatewayId = "three", CloseCode.Overloaded);
        Assert.Equal((ErrorCode.Overloaded, LimitNames.Gateways, 2UL), (error.Code, error.Which, error.Allowed));
        Assert.InRange(error.ReconnectAfterMs, 1u, (uint)Scene.Hold.TotalMilliseconds + 1_000);
        await one.UpAsync(2);
        await one.GoodbyeAsync();
        // Its place is free once nobody is left; nothing else says when.
        RawGateway? three = null;
        while (three is null)
        {
            try
            {
                three = await _scene.OpenAsync("three");
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(Scene.Hold / 4);
            }
        }

        Assert.False(three.Welcome.Resumed);
        Watcher watcher = await _scene.WatchAsync(3);
        await three.UpAsync(3);
        await watcher.HasAsync(3, Status.Online);
    }

    [Fact]
    public async Task A_gateway_without_users_that_leaves_has_given_up_its_place()
    {
        await _scene.OpenAsync("stays");
        for (int i = 0; i < 5; i++)
        {
            RawGateway next = await _scene.OpenAsync($"deploy-{i}");
            Assert.False(next.Welcome.Resumed);
            await next.GoodbyeAsync();
        }
    }

    [Fact]
    public async Task Frames_of_clients_are_out_of_order_on_a_link_and_the_link_lives()
    {
        RawGateway gateway = await _scene.OpenAsync();
        (ClientFrame Frame, ulong Id)[] frames =
        [
            (new() { Hello = new() { ProtocolVersion = 1, DeviceId = "d", Token = TestTokens.For(_scene.Server, 2) } }, 0),
            (new() { GatewayHello = RawGateway.Hello(_scene.Server, "other") }, 0),
            (new() { SetStatus = new() { RequestId = 7, Status = Status.Busy } }, 7),
            (new() { Watch = new() { RequestId = 8, UserIds = { 2 } } }, 8),
            (new() { Unwatch = new() { RequestId = 9, UserIds = { 2 } } }, 9),
        ];
        foreach ((ClientFrame frame, ulong id) in frames)
        {
            await gateway.Client.SendAsync(frame);
            Error error = await gateway.ErrorAsync();
            Assert.Equal((ErrorCode.OutOfOrder, id), (error.Code, error.RequestId));
            Assert.Contains(frame.FrameCase.ToString(), error.Message, StringComparison.Ordinal);
        }

        await gateway.Client.SendBytesAsync(Convert.FromHexString("03820100"));
        Assert.Equal(ErrorCode.Unsupported, (await gateway.ErrorAsync()).Code);
        await gateway.AckedAsync(await gateway.UpAsync(2));
    }

    [Fact]
    public async Task Frames_of_links_are_out_of_order_in_a_session_and_the_session_lives()
    {
        RawClient client = await _scene.ConnectAsync(2);
        (ClientFrame Frame, ulong Id)[] frames =
        [
            (new() { GatewayHello = RawGateway.Hello(_scene.Server, "g") }, 0),
            (new() { SessionsUp = new() { Seq = 1, UserIds = { 3 } } }, 0),
            (new() { SessionsBeat = new() { Seq = 1, UserIds = { 3 } } }, 0),
            (new() { SessionsDown = new() { Seq = 1, UserIds = { 2 } } }, 0),
            (new() { SessionsComplete = new() { Seq = 1 } }, 0),
            (new() { WatchAll = new() { RequestId = 6 } }, 6),
        ];
        foreach ((ClientFrame frame, ulong id) in frames)
        {
            await client.SendAsync(frame);
            Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
            Assert.Equal((ErrorCode.OutOfOrder, id), (error.Code, error.RequestId));
        }

        Assert.Equal([Status.Online, Status.Offline], (await client.QueryAsync(1, 2, 3)).Entries.Select(entry => entry.Status));
    }

    [Fact]
    public async Task Frames_of_links_before_a_hello_are_refused()
    {
        RawClient stranger = await RawClient.ConnectAsync(_scene.Server.Tcp);
        _scene.Keep(stranger);
        await stranger.SendAsync(new ClientFrame { SessionsUp = new() { Seq = 1, UserIds = { 3 } } });
        Assert.Equal(ErrorCode.OutOfOrder, (await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        Assert.Equal(CloseCode.Refused, (await stranger.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    [Fact]
    public async Task A_link_whose_token_ends_is_held_and_one_that_renews_it_goes_on()
    {
        Watcher watcher = await _scene.WatchAsync(2);
        RawGateway renews = await _scene.OpenAsync("renews", hello => hello.Token = Token(TimeSpan.FromSeconds(2)));
        await renews.Client.ReceiveAsync(ServerFrame.FrameOneofCase.TokenExpiring);
        await renews.Client.SendAsync(new ClientFrame { RefreshToken = new() { RequestId = 5, Token = TestTokens.For(_scene.Server, 2) } });
        Assert.Equal((ErrorCode.Unauthenticated, 5UL), (await renews.ErrorAsync() is var bad ? bad.Code : default, bad.RequestId));
        await renews.Client.SendAsync(new ClientFrame { RefreshToken = new() { RequestId = 6, Token = Token(TimeSpan.FromHours(1)) } });
        Assert.Equal(6UL, (await renews.Client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack)).Ack.RequestId);
        renews.KeepUp(LinkScene.BeatEvery);

        RawGateway ends = await _scene.OpenAsync("ends", hello => hello.Token = Token(TimeSpan.FromSeconds(3)));
        await ends.UpAsync(2);
        await ends.CompleteAsync();
        ends.KeepUp(LinkScene.BeatEvery, 2);
        await watcher.HasAsync(2, Status.Online);
        Assert.Equal(CloseCode.TokenExpired, (await ends.Client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        await watcher.HasAsync(2, Status.Offline);
        await renews.Client.RoundTripAsync();
    }

    [Fact]
    public async Task A_link_without_a_frame_is_closed()
    {
        RawGateway gateway = await _scene.OpenAsync();
        Assert.Equal(CloseCode.HeartbeatTimeout, (await gateway.Client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    private string Token(TimeSpan lifetime) => TestTokens.For(_scene.Server, 1, lifetime, "presence:gateway");

    private static async Task<(ErrorCode Code, ulong Allowed, ulong Seq)> CodeAsync(RawGateway gateway) =>
        await gateway.ErrorAsync() is var error ? (error.Code, error.Allowed, error.Seq) : default;

    private async Task<Error> RefusedAsync(Action<GatewayHello> change, CloseCode close)
    {
        RawClient client = await RawClient.ConnectAsync(_scene.Server.Tcp);
        _scene.Keep(client);
        GatewayHello hello = RawGateway.Hello(_scene.Server, "g");
        change(hello);
        await client.SendAsync(new ClientFrame { GatewayHello = hello });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal(close, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        return error;
    }
}
