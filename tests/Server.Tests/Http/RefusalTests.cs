using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

[Collection(nameof(HttpServer))]
public sealed class RefusalTests(HttpServer server)
{
    public static TheoryData<string, string, string, string> BadBodies => new()
    {
        { "PUT", """{"presence":""", "MALFORMED", "body" },
        { "PUT", "", "MALFORMED", "body" },
        { "PUT", "[1]", "MALFORMED", "body" },
        { "PUT", "null", "MALFORMED", "body" },
        { "PUT", """{"presence":"online","presence":"away"}""", "MALFORMED", "body" },
        { "PUT", """{"presence":"online","\ud800":1}""", "MALFORMED", "body" },
        { "PUT", """{"presence":"online","user_id":"2\u0000"}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", "{}", "INVALID_ARGUMENT", "presence" },
        { "PUT", """{"presence":"Online"}""", "INVALID_ARGUMENT", "presence" },
        { "PUT", """{"presence":3}""", "INVALID_ARGUMENT", "presence" },
        { "PUT", """{"presence":"online","user_id":0}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":-1}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":1.5}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":"01"}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":9223372036854775808}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":"9223372036854775808"}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","user_id":true}""", "INVALID_ARGUMENT", "user_id" },
        { "PUT", """{"presence":"online","status_text":["x"]}""", "INVALID_ARGUMENT", "status_text" },
        { "GET", """{"users_status":""", "MALFORMED", "body" },
        { "GET", "{}", "INVALID_ARGUMENT", "users_status" },
        { "GET", """{"users_status":"2"}""", "INVALID_ARGUMENT", "users_status" },
        { "GET", """{"users_status":["0"]}""", "INVALID_ARGUMENT", "users_status" },
        { "GET", """{"users_status":[[2]]}""", "INVALID_ARGUMENT", "users_status" },
        { "GET", """{"users_status":[9223372036854775808]}""", "INVALID_ARGUMENT", "users_status" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_refused_with_what_was_wrong(string method, string body, string code, string which)
    {
        ulong user = server.NewUser();
        JsonElement problem = await ProblemAsync(method == "PUT" ? server.Put(user, body) : server.Get(user, "", body), 400, code);
        Assert.Equal(which, problem.Text("which"));
        Assert.Equal("0", (await server.SeeAsync(user, user)).Text("version"));
    }

    [Theory]
    [InlineData("?users=0", "users")]
    [InlineData("?users=2,,3", "users")]
    [InlineData("?users=2%00", "users")]
    [InlineData("?users=9223372036854775808", "users")]
    [InlineData("?users=two", "users")]
    [InlineData("", "users_status")]
    public async Task Bad_ids_in_the_query_are_refused(string query, string which)
    {
        JsonElement problem = await ProblemAsync(server.Get(server.NewUser(), query), 400, "INVALID_ARGUMENT");
        Assert.Equal(which, problem.Text("which"));
    }

    [Fact]
    public async Task Users_are_named_once()
    {
        await ProblemAsync(server.Get(server.NewUser(), "?users=2", """{"users_status":["2"]}"""), 400, "INVALID_ARGUMENT");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task More_than_1000_ids_are_over_the_limit(bool inBody)
    {
        string ids = string.Join(',', Enumerable.Range(9_000_000, 1_001));
        ulong user = server.NewUser();
        HttpRequestMessage request = inBody ? server.Get(user, "", $$"""{"users_status":[{{ids}}]}""") : server.Get(user, $"?users={ids}");
        await AssertLimitAsync(request, 400, "query_ids", 1_000);
    }

    [Fact]
    public async Task A_thousand_of_the_longest_ids_fit_into_a_query()
    {
        string ids = string.Join(',', Enumerable.Range(0, 1_000).Select(static i => $"{long.MaxValue - i}"));
        (int status, JsonElement answer) = await server.SendAsync(server.Get(server.NewUser(), $"?users={ids}"));
        Assert.Equal(200, status);
        Assert.Equal(1_000, answer.GetProperty("users").GetArrayLength());
    }

    [Fact]
    public async Task A_status_text_of_129_bytes_is_over_the_limit()
    {
        string text = new string('a', 127) + "é";
        await AssertLimitAsync(
            server.Put(server.NewUser(), $$"""{"presence":"online","status_text":"{{text}}"}"""), 400, "status_text_bytes", 128);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_413(bool chunked)
    {
        HttpRequestMessage request = server.Put(server.NewUser(), new string(' ', 65_537));
        request.Headers.TransferEncodingChunked = chunked;
        // Answered from its headers alone, while a client that sends at once would still be sending.
        request.Headers.ExpectContinue = true;
        await AssertLimitAsync(request, 413, "http_body_bytes", 65_536);
    }

    [Fact]
    public async Task A_body_that_breaks_off_harms_nothing_and_fills_no_log()
    {
        await using var own = new HttpServer();
        await own.InitializeAsync();
        for (int i = 0; i < 10; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(own.Process.Http);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"PUT /users/presence HTTP/1.1\r\nHost: presence\r\nAuthorization: Bearer {own.TokenOf(1)}\r\n"
                + "Content-Type: application/json\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n"));
            // The server waits for the body now; while another request is served it takes the first byte.
            Assert.True(await socket.ReceiveAsync(new byte[4_096]) > 0);
            await socket.SendAsync("{"u8.ToArray());
            await own.SetAsync(1, "online");
        }

        Assert.Equal(0, await own.Process.StopAsync());
        Assert.DoesNotContain("Exception", own.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Only_JSON_is_read(string? contentType)
    {
        HttpRequestMessage request = server.Put(server.NewUser(), """{"presence":"online"}""");
        request.Content!.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        await ProblemAsync(request, 415, "UNSUPPORTED");
    }

    [Fact]
    public async Task Nobody_speaks_for_another()
    {
        JsonElement problem = await ProblemAsync(server.Put(server.NewUser(), """{"presence":"online","user_id":"1"}"""), 403, "FORBIDDEN");
        Assert.Equal("user_id", problem.Text("which"));
        await ProblemAsync(server.Get(server.NewUser(), "", """{"users_status":[],"user_id":1}"""), 403, "FORBIDDEN");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic dXNlcjpwdw==")]
    [InlineData("Bearer")]
    [InlineData("Bearer not.a.jwt")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiZXhwIjo0MTAyNDQ0ODAwfQ.")]
    public async Task Without_a_valid_token_nothing_is_told(string? authorization)
    {
        HttpRequestMessage request = server.Get(1, "?users=2");
        request.Headers.Remove("Authorization");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        await AssertUnauthorizedAsync(request);
    }

    [Fact]
    public async Task A_wrong_signature_and_an_expired_token_are_refused()
    {
        HttpRequestMessage forged = server.Get(1, "?users=2");
        string token = server.TokenOf(1);
        int signature = token.LastIndexOf('.') + 1;
        forged.Headers.Authorization = new("Bearer", token[..signature] + (token[signature] == 'A' ? 'B' : 'A') + token[(signature + 1)..]);
        await AssertUnauthorizedAsync(forged);
        HttpRequestMessage expired = server.Get(1, "?users=2");
        expired.Headers.Authorization = new("Bearer", TestTokens.For(server.Process, 1, TimeSpan.FromMinutes(-10)));
        await AssertUnauthorizedAsync(expired);
    }

    [Theory]
    [InlineData("POST", "/users/presence", 405)]
    [InlineData("DELETE", "/users/presence", 405)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/v1/connect", 426)]
    public async Task What_is_not_served_is_a_problem_too(string method, string path, int status)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        await ProblemAsync(request, status, "UNSUPPORTED");
    }

    [Theory]
    [InlineData("/users/presence?users=2")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/v1/connect")]
    public async Task The_admin_listener_does_not_serve_the_public_API(string path)
    {
        HttpRequestMessage request = server.Get(1, "");
        request.RequestUri = new Uri($"http://{server.Process.Admin}{path}");
        await ProblemAsync(request, 404, "UNSUPPORTED");
    }

    [Theory]
    [InlineData("/openapi/v2.json")]
    [InlineData("/openapi/v1.yaml")]
    [InlineData("/nothing")]
    [InlineData("/")]
    public async Task What_is_not_there_is_a_problem(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{server.Process.Http}{path}"));
        await ProblemAsync(request, 404, "UNSUPPORTED");
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_body_is_no_fault()
    {
        (int status, JsonElement answer) = await server.SendAsync(server.Put(server.NewUser(), "\uFEFF{\"presence\":\"busy\"}"));
        Assert.Equal((200, "busy"), (status, answer.Text("presence")));
    }

    [Theory]
    [InlineData("?watch=0", "online", "INVALID_ARGUMENT", "watch")]
    [InlineData("?device=", "online", "INVALID_ARGUMENT", "device")]
    [InlineData("?device=a&device=b", "online", "INVALID_ARGUMENT", "device")]
    [InlineData("", "offline", "INVALID_ARGUMENT", "presence")]
    public async Task A_stream_that_cannot_begin_is_a_problem(string query, string presence, string code, string which)
    {
        JsonElement problem = await ProblemAsync(Stream(server.NewUser(), query, presence), 400, code);
        Assert.Equal(which, problem.Text("which"));
    }

    [Fact]
    public async Task Streams_have_limits()
    {
        await AssertLimitAsync(Stream(server.NewUser(), $"?device={new string('d', 65)}"), 400, "device_id_bytes", 64);
        await AssertLimitAsync(Stream(server.NewUser(), $"?watch={string.Join(',', Enumerable.Range(1, 1_001))}"), 400, "watch_ids", 1_000);
    }

    [Fact]
    public async Task The_17th_device_is_refused()
    {
        ulong user = server.NewUser();
        var streams = new List<StreamClient>();
        for (int i = 0; i < 16; i++)
        {
            streams.Add(await StreamClient.OpenAsync(server, user));
        }

        await AssertLimitAsync(Stream(user), 409, "devices", 16);
        await AssertLimitAsync(server.Put(user, """{"presence":"online"}"""), 409, "devices", 16);
        foreach (StreamClient stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private HttpRequestMessage Stream(ulong user, string query = "", string presence = "online")
    {
        HttpRequestMessage request = server.Put(user, $$"""{"presence":"{{presence}}"}""", query);
        request.Headers.Accept.ParseAdd("text/event-stream");
        return request;
    }

    private async Task AssertLimitAsync(HttpRequestMessage request, int status, string which, int allowed)
    {
        JsonElement problem = await ProblemAsync(request, status, "LIMIT");
        Assert.Equal(which, problem.Text("which"));
        Assert.Equal(allowed, problem.GetProperty("allowed").GetInt32());
    }

    private async Task AssertUnauthorizedAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.StartsWith("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await AssertProblemAsync(response, 401, "UNAUTHENTICATED");
    }

    private async Task<JsonElement> ProblemAsync(HttpRequestMessage request, int status, string code)
    {
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return await AssertProblemAsync(response, status, code);
    }

    private static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage response, int status, string code)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == (HttpStatusCode)status, body);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes(body));
        JsonElement problem = document.RootElement.Clone();
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(code, problem.Text("code"));
        Assert.Equal($"urn:presence:error:{code.ToLowerInvariant().Replace('_', '-')}", problem.Text("type"));
        Assert.NotEmpty(problem.Text("title")!);
        Assert.NotEmpty(problem.Text("detail")!);
        return problem;
    }
}
