using System.Text;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Transport.WebSockets;

/// <summary>The request for a WebSocket, and what every other request is answered, on the listener for WebSocket alone.</summary>
public sealed class UpgradeTests(LeanServers servers) : IClassFixture<LeanServers>
{
    private const string Get = "GET /v1/connect HTTP/1.1";

    public static TheoryData<string> Transports => Transport.Transports.All;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_WebSocket_is_given_as_the_RFC_says(string transport)
    {
        await using WireClient client = await WireClient.ConnectAsync(servers.On(transport).Server.WebSocket);
        await client.SendAsync(WireClient.Request());
        string head = await client.ReadHeadAsync();
        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            // The key and its answer are those of RFC 6455 §1.3.
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: presence.v1\r\n\r\n",
            head);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_follows_the_request_at_once_is_heard_wherever_it_is_split(string transport)
    {
        ServerProcess server = servers.On(transport).Server;
        foreach (int piece in new[] { 0, 1, 2, 3, 7, 64, 200 })
        {
            await using WireClient client = await WireClient.ConnectAsync(server.WebSocket);
            byte[] all = [.. WireClient.Request(), .. Wire.Ping("early"), .. WireClient.Hello(server, servers.NextUser()), .. Wire.BeatMessage(), .. Wire.Ping("late")];
            await client.SendAsync(all, piece);
            await client.ReadHeadAsync();
            await client.ExpectAsync("Pong early", "Welcome", "HeartbeatAck", "Pong late");
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_request_may_be_split_at_every_byte(string transport)
    {
        ServerProcess server = servers.On(transport).Server;
        byte[] request = WireClient.Request();
        for (int split = 1; split < request.Length; split++)
        {
            await using WireClient client = await WireClient.ConnectAsync(server.WebSocket);
            await client.SendAsync(request[..split]);
            await client.SendAsync([.. request[split..], .. Wire.Ping("it is one")]);
            Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            await client.ExpectAsync("Pong it is one");
        }
    }

    [Theory]
    [InlineData("Connection: keep-alive, Upgrade")]
    [InlineData("Upgrade: h2c, WebSocket")]
    [InlineData("Sec-WebSocket-Protocol: mqtt , presence.v1")]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate")]
    [InlineData("Content-Length: 0")]
    [InlineData("Host:presence.example")]
    public async Task What_does_not_matter_does_not_matter(string header)
    {
        await using WireClient client = await WireClient.ConnectAsync(servers.On("epoll").Server.WebSocket);
        await client.SendAsync(WireClient.Request("GET /V1/Connect?why=not HTTP/1.1", header));
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Extensions", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/connect/")]
    [InlineData("/v1/%63onnect")]
    [InlineData("http://presence.example/v1/connect")]
    public async Task The_same_addresses_are_served_as_on_the_HTTP_listener(string target)
    {
        ServerProcess server = servers.On("epoll").Server;
        foreach (var listener in new[] { server.WebSocket, server.Http })
        {
            await using WireClient client = await WireClient.ConnectAsync(listener);
            await client.SendAsync(WireClient.Request($"GET {target} HTTP/1.1"));
            Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    public static TheoryData<int, string, string[], string> Refused => new()
    {
        { 400, "GET /v1/connect HTTP/1.0", [], "no HTTP/1.1 request" },
        { 400, "GET /v1/connect", [], "no HTTP/1.1 request" },
        { 400, "PRI * HTTP/2.0", [], "no HTTP/1.1 request" },
        { 400, Get, ["Host:"], "Host" },
        { 400, Get, ["Host: a", "Host: b"], "twice" },
        { 400, Get, ["no colon"], "malformed" },
        { 400, Get, [" folded: x"], "malformed" },
        { 400, Get, ["Name : x"], "malformed" },
        { 400, Get, ["X: a\0b"], "malformed" },
        { 400, Get, ["X: a\nb"], "malformed" },
        { 400, Get, ["Sec-WebSocket-Key:"], "16 random bytes" },
        { 400, Get, ["Sec-WebSocket-Key: ", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], "twice" },
        { 400, Get, ["Sec-WebSocket-Key: c2hvcnQ="], "16 random bytes" },
        { 400, Get, ["Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!!!"], "16 random bytes" },
        { 400, Get, ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZXh5"], "16 random bytes" },
        { 400, Get, ["Sec-WebSocket-Protocol:"], "presence.v1" },
        { 400, Get, ["Sec-WebSocket-Protocol: Presence.V1, presence.v10"], "presence.v1" },
        { 400, Get, ["Content-Length: 5"], "no body" },
        { 400, Get, ["Transfer-Encoding: chunked"], "no body" },
        { 403, Get, ["Origin: https://elsewhere.example"], "AllowedOrigins" },
        { 400, Get, ["Origin: https://app.example", "Origin: https://app.example"], "twice" },
        { 404, "GET / HTTP/1.1", [], "/v1/connect" },
        { 404, "GET /v1/connect// HTTP/1.1", [], "/v1/connect" },
        { 404, "GET /v1%2Fconnect HTTP/1.1", [], "/v1/connect" },
        { 404, "GET http://presence.example HTTP/1.1", [], "/v1/connect" },
        { 404, "POST /users/presence HTTP/1.1", [], "/v1/connect" },
        { 405, "POST /v1/connect HTTP/1.1", [], "GET" },
        { 426, Get, ["Upgrade:"], "Upgrade: websocket" },
        { 426, Get, ["Connection: close"], "Upgrade: websocket" },
        { 426, Get, ["Upgrade: h2c"], "Upgrade: websocket" },
        { 426, Get, ["Sec-WebSocket-Version: 8"], "version 13" },
        { 426, Get, ["Sec-WebSocket-Version:"], "version 13" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Every_other_request_is_told_what_is_wrong(int status, string line, string[] headers, string said)
    {
        foreach (string transport in new[] { "epoll", "sockets" })
        {
            await using WireClient client = await WireClient.ConnectAsync(servers.On(transport).Server.WebSocket);
            await client.SendAsync(WireClient.Request(line, headers));
            string head = await client.ReadHeadAsync();
            Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
            Assert.Contains("Connection: close\r\n", head, StringComparison.Ordinal);
            Assert.Contains("Content-Type: application/problem+json\r\n", head, StringComparison.Ordinal);
            Assert.Contains("X-Content-Type-Options: nosniff\r\n", head, StringComparison.Ordinal);
            string body = await client.ReadToEndAsync();
            Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n", head, StringComparison.Ordinal);
            using var problem = System.Text.Json.JsonDocument.Parse(body);
            Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
            Assert.Contains(said, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Equal(status == 405, head.Contains("Allow: GET\r\n", StringComparison.Ordinal));
            Assert.Equal(status == 426, head.Contains("Upgrade: websocket\r\n", StringComparison.Ordinal));
            Assert.Equal(said == "version 13", head.Contains("Sec-WebSocket-Version: 13\r\n", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_request_that_is_too_long_is_refused_and_one_that_just_fits_is_not(string transport)
    {
        const int Longest = 16_384;
        ServerProcess server = servers.On(transport).Server;
        int filling = Longest - WireClient.Request(Get, "X: ").Length;
        await using WireClient fits = await WireClient.ConnectAsync(server.WebSocket);
        await fits.SendAsync(WireClient.Request(Get, $"X: {new string('x', filling)}"));
        Assert.StartsWith("HTTP/1.1 101 ", await fits.ReadHeadAsync(), StringComparison.Ordinal);
        await using WireClient tooLong = await WireClient.ConnectAsync(server.WebSocket);
        await tooLong.SendAsync(WireClient.Request(Get, $"X: {new string('x', filling + 1)}"));
        Assert.StartsWith("HTTP/1.1 431 ", await tooLong.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Who_is_slow_with_the_request_is_told_that_time_is_over(string transport)
    {
        await using WireClient client = await WireClient.ConnectAsync(servers.On(transport).Server.WebSocket);
        await client.SendAsync(WireClient.Request()[..^1], chop: 50);
        Assert.StartsWith("HTTP/1.1 408 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Contains("in time", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Who_has_a_WebSocket_and_says_no_Hello_is_told_that_time_is_over(string transport)
    {
        await using WireClient client = await WireClient.UpgradeAsync(servers.On(transport).Server.WebSocket);
        await client.SendAsync(Wire.BeatMessage()[..^1]);
        await client.ExpectAsync("Error Unauthenticated", "GoAway HandshakeTimeout", "Close 4004", "end");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Who_speaks_TLS_or_frames_is_told_at_once(string transport)
    {
        foreach (byte[] first in new byte[][] { [0x16, 0x03, 0x01], [0x20, 0x0A] })
        {
            await using WireClient client = await WireClient.ConnectAsync(servers.On(transport).Server.WebSocket);
            await client.SendAsync(first);
            Assert.StartsWith("HTTP/1.1 400 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Strangers_that_leave_in_any_way_leave_nothing_behind(string transport)
    {
        await using Scene scene = await Transport.Transports.StartAsync(transport);
        await ComeAndGoAsync(scene, times: 1);
        int before = scene.Server.Descriptors;
        await ComeAndGoAsync(scene, times: 20);
        await Transport.Transports.ReleasedAsync(scene.Server, before);
    }

    // In the middle of the request, behind it and in the middle of the Hello; with a FIN and with a reset.
    private static async Task ComeAndGoAsync(Scene scene, int times)
    {
        byte[] all = [.. WireClient.Request(), .. Wire.Frame(Wire.Binary, new byte[200])[..100]];
        int[] places = [0, 40, WireClient.Request().Length, all.Length];
        foreach (int place in Enumerable.Repeat(places, times).SelectMany(static some => some))
        {
            await using WireClient ends = await WireClient.ConnectAsync(scene.Server.WebSocket);
            await ends.SendAsync(all[..place]);
            ends.EndSending();
            await ends.ReadToEndAsync();
            WireClient resets = await WireClient.ConnectAsync(scene.Server.WebSocket);
            await resets.SendAsync(all[..place]);
            resets.Reset();
        }
    }
}
