using System.Net;
using System.Net.Http.Headers;
using Presence.Server.Tests.Sessions;
using Presence.Server.Tests.Transport.WebSockets;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>Which pages a browser lets in, on every listener; and what every answer tells it.</summary>
public sealed class BrowserTests(BrowserTests.Listed listed) : IClassFixture<BrowserTests.Listed>
{
    private const string Page = "https://app.example";
    private const string Other = "https://pad.example:8443";

    private static readonly string[] s_foreign =
    [
        "null", "https://evil-app.example", "https://app.example.evil.example", "https://evil.example/https://app.example", "http://app.example", "https://app.example:443",
        "https://app.example/", "https://APP.example", "https://app.example ,https://app.example", "*", "https://pad.example", "",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Origins
    {
        get
        {
            var origins = new TheoryData<string, int> { { Page, 101 }, { Other, 101 } };
            Array.ForEach(s_foreign, origin => origins.Add(origin, 403));
            return origins;
        }
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public async Task A_page_opens_a_WebSocket_when_its_origin_is_listed(string origin, int status)
    {
        foreach (IPEndPoint listener in new[] { listed.Server.WebSocket, listed.Server.Http })
        {
            await using WireClient client = await WireClient.ConnectAsync(listener);
            byte[] request = WireClient.Request(change: "Origin: " + origin + (origin.Length == 0 ? " " : ""));
            await client.SendAsync(request);
            Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_list_no_page_comes_in_and_every_other_client_does()
    {
        await using Scene scene = await Scene.StartAsync();
        foreach (IPEndPoint listener in new[] { scene.Server.WebSocket, scene.Server.Http })
        {
            await using WireClient page = await WireClient.ConnectAsync(listener);
            await page.SendAsync(WireClient.Request(change: $"Origin: {Page}"));
            Assert.StartsWith("HTTP/1.1 403 ", await page.ReadHeadAsync(), StringComparison.Ordinal);
            await using WireClient app = await WireClient.UpgradeAsync(listener);
        }

        using HttpResponseMessage answer = await AskAsync(scene.Server, HttpMethod.Get, Page);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Any_origin_is_let_in_where_the_operator_says_so()
    {
        await using Scene scene = await Scene.StartAsync(1, "Presence:Http:AllowedOrigins=*");
        foreach (IPEndPoint listener in new[] { scene.Server.WebSocket, scene.Server.Http })
        {
            await using WireClient page = await WireClient.ConnectAsync(listener);
            await page.SendAsync(WireClient.Request(change: "Origin: null"));
            Assert.StartsWith("HTTP/1.1 101 ", await page.ReadHeadAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage answer = await AskAsync(scene.Server, HttpMethod.Get, Page);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData(Page, true)]
    [InlineData("https://evil-app.example", false)]
    [InlineData("null", false)]
    public async Task A_browser_lets_a_listed_page_read_what_is_answered_and_ask_with_its_token(string origin, bool may)
    {
        using HttpResponseMessage answer = await AskAsync(listed.Server, HttpMethod.Get, origin);
        Assert.Equal(may ? [origin] : [], Values(answer, "Access-Control-Allow-Origin"));
        using HttpResponseMessage preflight = await AskAsync(listed.Server, HttpMethod.Options, origin, static request =>
        {
            request.Headers.Add("Access-Control-Request-Method", "PUT");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        });
        Assert.Equal(may ? [origin] : [], Values(preflight, "Access-Control-Allow-Origin"));
        Assert.Equal(may, Values(preflight, "Access-Control-Allow-Methods").Any(static methods => methods.Contains("PUT", StringComparison.Ordinal)));
        Assert.Empty(Values(preflight, "Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task No_page_has_business_on_the_admin_listener()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{listed.Server.Admin}/readyz")) { Headers = { { "Origin", Page } } };
        using HttpResponseMessage answer = await http.SendAsync(request, Cancelled);
        Assert.Empty(Values(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("nosniff", Assert.Single(Values(answer, "X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("GET", "/users/presence?users=2", 200)]
    [InlineData("GET", "/users/presence?users=x", 400)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("DELETE", "/users/presence", 405)]
    [InlineData("GET", "/v1/connect", 426)]
    [InlineData("GET", "/v1/changes", 403)]
    public async Task Every_answer_says_what_it_is_and_that_nobody_keeps_it(string method, string path, int status)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"http://{listed.Server.Http}{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(listed.Server, 1));
        using HttpResponseMessage answer = await http.SendAsync(request, Cancelled);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("nosniff", Assert.Single(Values(answer, "X-Content-Type-Options")));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Assert.Single(Values(answer, "Content-Security-Policy")));
        Assert.Equal("no-referrer", Assert.Single(Values(answer, "Referrer-Policy")));
        Assert.Contains("no-store", Assert.Single(Values(answer, "Cache-Control")), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Server"));
    }

    private static async Task<HttpResponseMessage> AskAsync(ServerProcess server, HttpMethod method, string origin, Action<HttpRequestMessage>? change = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri($"http://{server.Http}/users/presence?users=2")) { Headers = { { "Origin", origin } } };
        if (method == HttpMethod.Get)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.For(server, 1));
        }

        change?.Invoke(request);
        return await http.SendAsync(request, Cancelled);
    }

    private static string[] Values(HttpResponseMessage answer, string header) =>
        answer.Headers.TryGetValues(header, out IEnumerable<string>? values) ? [.. values] : [];

    /// <summary>A server with a list of origins.</summary>
    public sealed class Listed : IAsyncLifetime
    {
        public ServerProcess Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(["Presence:Shards=1", $"Presence:Http:AllowedOrigins={Page},{Other}"]);

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
