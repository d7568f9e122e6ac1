using System.Text;
using Presence.Protocol;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Transport;

/// <summary>What bad input gets: a clear Error, the right close code, and nothing else harmed.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private static readonly string[] s_doors = ["tcp", "websocket", "lean"];

    private Scene _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await Scene.StartAsync(2, "Presence:Session:HandshakeTimeout=00:00:01");

    public async ValueTask DisposeAsync()
    {
        // Whatever was thrown at it, the server serves.
        await (await _scene.ConnectAsync(77)).RoundTripAsync();
        await _scene.DisposeAsync();
    }

    public static TheoryData<string, string, ErrorCode, CloseCode> BadBytes => new()
    {
        { "empty frame", "00", ErrorCode.Malformed, CloseCode.Malformed },
        { "length not minimal", "8000", ErrorCode.Malformed, CloseCode.Malformed },
        { "length 2^31-1", "FFFFFFFF07", ErrorCode.Malformed, CloseCode.Malformed },
        { "length over the limit", "818004", ErrorCode.Malformed, CloseCode.Malformed },
        { "garbage", "04DEADBEEF", ErrorCode.Malformed, CloseCode.Malformed },
        { "truncated message", "021210", ErrorCode.Malformed, CloseCode.Malformed },
        { "HTTP", Convert.ToHexString(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: presence.example\r\nUser-Agent: a browser that is lost\r\n\r\n")), ErrorCode.Malformed, CloseCode.Malformed },
    };

    [Theory]
    [MemberData(nameof(BadBytes))]
    public async Task Bytes_that_are_no_frame_close_before_and_after_Hello(string what, string hex, ErrorCode error, CloseCode close)
    {
        RawClient stranger = await RawClient.ConnectAsync(_scene.Server.Tcp);
        _scene.Keep(stranger);
        await stranger.SendBytesAsync(Convert.FromHexString(hex));
        await ExpectAsync(stranger, what, error, close);

        RawClient known = await _scene.ConnectAsync(2);
        await known.SendBytesAsync(Convert.FromHexString(hex));
        await ExpectAsync(known, what, error, close);
    }

    [Fact]
    public async Task A_frame_of_an_unknown_kind_is_unsupported_and_the_connection_lives()
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.SendBytesAsync(Convert.FromHexString("03" + "820100"));
        Assert.Equal(ErrorCode.Unsupported, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        await client.RoundTripAsync();
    }

    [Fact]
    public async Task Before_Hello_nothing_else_is_heard()
    {
        await foreach (RawClient client in StrangersAsync())
        {
            await client.SendAsync(new ClientFrame { Query = new Query { RequestId = 1, UserIds = { 2 } } });
            await ExpectAsync(client, "query", ErrorCode.OutOfOrder, CloseCode.Refused);
        }
    }

    [Fact]
    public async Task A_second_Hello_is_an_error_and_the_session_stands()
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.SendAsync(new ClientFrame { Hello = new Hello { ProtocolVersion = 1, DeviceId = "x", Token = TestTokens.For(_scene.Server, 3) } });
        Assert.Equal(ErrorCode.OutOfOrder, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error.Code);
        Assert.Equal(Status.Online, (await client.QueryAsync(1, 2)).Entries.Single().Status);
    }

    [Fact]
    public async Task Who_says_nothing_is_told_that_time_is_over()
    {
        RawClient client = await RawClient.ConnectAsync(_scene.Server.Tcp);
        _scene.Keep(client);
        await client.SendBytesAsync([10]);
        await ExpectAsync(client, "silence", ErrorCode.Unauthenticated, CloseCode.HandshakeTimeout);
        Assert.Null(await client.TryReceiveAsync());
    }

    public static TheoryData<string, CloseCode> BadHellos => new()
    {
        { "no token", CloseCode.BadToken },
        { "wrong signature", CloseCode.BadToken },
        { "alg none", CloseCode.BadToken },
        { "expired", CloseCode.TokenExpired },
        { "sub 0", CloseCode.BadToken },
        { "forged resume token", CloseCode.BadToken },
        { "version 255", CloseCode.UnsupportedVersion },
        { "no device", CloseCode.Refused },
        { "device of 65 bytes", CloseCode.Refused },
        { "invisible", CloseCode.Refused },
        { "client name of 65 bytes", CloseCode.Refused },
    };

    [Theory]
    [MemberData(nameof(BadHellos))]
    public async Task A_bad_Hello_is_refused_with_its_reason(string what, CloseCode close)
    {
        await foreach (RawClient client in StrangersAsync())
        {
            await client.SendAsync(new ClientFrame { Hello = BadHello(what) });
            await ExpectAsync(client, what, null, close);
        }
    }

    [Fact]
    public async Task The_seventeenth_device_is_refused_and_the_sixteen_stand()
    {
        RawClient first = await _scene.ConnectAsync(5, "device-1");
        for (int i = 2; i <= 16; i++)
        {
            await _scene.ConnectAsync(5, $"device-{i}");
        }

        RawClient client = await RawClient.ConnectAsync(_scene.Server.Tcp);
        _scene.Keep(client);
        await client.SendAsync(new ClientFrame { Hello = GoodHello(5, "device-17") });
        Error error = await ExpectAsync(client, "17th", ErrorCode.Limit, CloseCode.Refused);
        Assert.Equal((LimitNames.Devices, 16UL), (error.Which, error.Allowed));
        await first.RoundTripAsync();
    }

    [Theory]
    [InlineData("watch", 0UL, "user_ids")]
    [InlineData("watch", 1UL << 63, "user_ids")]
    [InlineData("query", 0UL, "user_ids")]
    [InlineData("query", ulong.MaxValue, "user_ids")]
    [InlineData("unwatch", 1UL << 63, "user_ids")]
    [InlineData("versions", 1UL, "versions")]
    public async Task Ids_that_are_none_are_refused_whole(string request, ulong id, string which)
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.SendAsync(request switch
        {
            "watch" => new ClientFrame { Watch = new Watch { RequestId = 9, UserIds = { 3, id } } },
            "query" => new ClientFrame { Query = new Query { RequestId = 9, UserIds = { 3, id } } },
            "unwatch" => new ClientFrame { Unwatch = new Unwatch { RequestId = 9, UserIds = { 3, id } } },
            _ => new ClientFrame { Watch = new Watch { RequestId = 9, UserIds = { 3, id }, Versions = { 1 } } },
        });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((9UL, ErrorCode.InvalidArgument, which), (error.RequestId, error.Code, error.Which));
        await client.RoundTripAsync();
    }

    [Theory]
    [InlineData("watch", LimitNames.WatchIds)]
    [InlineData("query", LimitNames.QueryIds)]
    public async Task A_thousand_and_one_ids_are_over_the_limit(string request, string limit)
    {
        RawClient client = await _scene.ConnectAsync(2);
        IEnumerable<ulong> ids = Enumerable.Range(1, 1_001).Select(i => (ulong)i);
        await client.SendAsync(request == "watch"
            ? new ClientFrame { Watch = new Watch { RequestId = 9, UserIds = { ids } } }
            : new ClientFrame { Query = new Query { RequestId = 9, UserIds = { ids } } });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((9UL, ErrorCode.Limit, limit, 1_000UL), (error.RequestId, error.Code, error.Which, error.Allowed));
    }

    [Fact]
    public async Task Over_the_limit_of_watches_nothing_of_the_request_is_done()
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.WatchAsync(1, [.. Enumerable.Range(100, 999).Select(i => (ulong)i)]);
        await client.SendAsync(new ClientFrame { Watch = new Watch { RequestId = 2, UserIds = { 50, 51 } } });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((2UL, LimitNames.Watches, 1_000UL), (error.RequestId, error.Which, error.Allowed));
        RawClient fifty = await _scene.ConnectAsync(50);
        await fifty.RoundTripAsync();
        List<ServerFrame> frames = [.. await client.RoundTripAsync(), .. await client.RoundTripAsync()];
        Assert.DoesNotContain(frames, frame => frame.FrameCase == ServerFrame.FrameOneofCase.PresenceBatch);
        Assert.Single((await client.WatchAsync(3, 52)).Entries);
    }

    [Fact]
    public async Task A_text_of_129_bytes_and_a_status_that_is_none_are_refused()
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = 1, Status = Status.Busy, StatusText = new string('x', 129) } });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((1UL, ErrorCode.Limit, LimitNames.StatusTextBytes, 128UL), (error.RequestId, error.Code, error.Which, error.Allowed));
        await client.SendAsync(new ClientFrame { SetStatus = new SetStatus { RequestId = 2, Status = (Status)9 } });
        error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((2UL, ErrorCode.InvalidArgument, "status"), (error.RequestId, error.Code, error.Which));
        Assert.Equal(Status.Online, (await client.QueryAsync(3, 2)).Entries.Single().Status);
    }

    [Fact]
    public async Task Another_users_token_ends_a_session_instead_of_renewing_it()
    {
        RawClient client = await _scene.ConnectAsync(2);
        await client.SendAsync(new ClientFrame { RefreshToken = new RefreshToken { RequestId = 4, Token = TestTokens.For(_scene.Server, 3) } });
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.Equal((4UL, ErrorCode.Forbidden), (error.RequestId, error.Code));
        Assert.Equal(CloseCode.BadToken, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
    }

    // One on TCP and one on each WebSocket, who have said nothing yet.
    private async IAsyncEnumerable<RawClient> StrangersAsync()
    {
        foreach (string door in s_doors)
        {
            RawClient stranger = await Transports.ConnectAsync(_scene, door);
            _scene.Keep(stranger);
            yield return stranger;
        }
    }

    private Hello GoodHello(ulong user, string device) =>
        new() { ProtocolVersion = 1, DeviceId = device, Token = TestTokens.For(_scene.Server, user) };

    private Hello BadHello(string what)
    {
        Hello hello = GoodHello(2, "phone");
        switch (what)
        {
            case "no token":
                hello.Token = "";
                break;
            case "wrong signature":
                hello.Token = hello.Token[..^4] + (hello.Token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA");
                break;
            case "alg none":
                hello.Token = Unsigned("""{"alg":"none","typ":"JWT"}""", """{"sub":"2","exp":4102444800}""");
                break;
            case "expired":
                hello.Token = TestTokens.For(_scene.Server, 2, TimeSpan.FromSeconds(-10));
                break;
            case "sub 0":
                hello.Token = TestTokens.For(_scene.Server, 0);
                break;
            case "forged resume token":
                hello.Token = "";
                hello.ResumeToken = Google.Protobuf.ByteString.CopyFrom(new byte[100]);
                break;
            case "version 255":
                hello.ProtocolVersion = 255;
                break;
            case "no device":
                hello.DeviceId = "";
                break;
            case "device of 65 bytes":
                hello.DeviceId = new string('d', 65);
                break;
            case "invisible":
                hello.InitialStatus = Status.Invisible;
                break;
            default:
                hello.ClientName = new string('n', 65);
                break;
        }

        return hello;
    }

    private static string Unsigned(string header, string payload) => $"{Base64(header)}.{Base64(payload)}.";

    private static string Base64(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static async Task<Error> ExpectAsync(RawClient client, string what, ErrorCode? code, CloseCode close)
    {
        Error error = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.Error)).Error;
        Assert.True(error.Message.Length > 10, $"{what}: the error says nothing.");
        if (code is not null)
        {
            Assert.Equal(code, error.Code);
        }

        Assert.Equal(close, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        return error;
    }
}
