using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>A server with short times, shared by the tests of HTTP; each takes users of its own.</summary>
public sealed class HttpServer : IAsyncLifetime
{
    private static readonly string[] _settings =
    [
        "Presence:Session:HeartbeatInterval=00:00:02",
        "Presence:Session:Tolerance=00:00:00.5",
        "Presence:Session:Hold=00:00:01",
        "Presence:Limits:StatusChanges=0",
    ];

    // The first process owns the data directory.
    private readonly List<ServerProcess> _stopped = [];
    private long _lastUser = 1_000;

    public ServerProcess Process { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public Uri Presence => new(Client.BaseAddress!, "/users/presence");

    public async ValueTask InitializeAsync() => await StartAsync(null);

    /// <summary>SIGTERM, then a new process over the same data. For a server that a test has to itself.</summary>
    public async Task RestartAsync()
    {
        Client.Dispose();
        Assert.Equal(0, await Process.StopAsync());
        _stopped.Insert(0, Process);
        await StartAsync(Process.DataDirectory);
    }

    /// <summary>SIGKILL, then a new process over the same data. For a server that a test has to itself.</summary>
    public async Task KillAndRestartAsync()
    {
        Client.Dispose();
        await Process.KillAsync();
        _stopped.Insert(0, Process);
        await StartAsync(Process.DataDirectory);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (ServerProcess process in _stopped.Prepend(Process))
        {
            await process.DisposeAsync();
        }
    }

    public ulong NewUser() => (ulong)Interlocked.Increment(ref _lastUser);

    public string TokenOf(ulong user) => TestTokens.For(Process, user);

    public HttpRequestMessage Put(ulong user, string body, string query = "") =>
        Authorized(new HttpRequestMessage(HttpMethod.Put, $"/users/presence{query}") { Content = Json(body) }, user);

    public HttpRequestMessage Get(ulong user, string query, string? body = null) =>
        Authorized(new HttpRequestMessage(HttpMethod.Get, $"/users/presence{query}") { Content = body is null ? null : Json(body) }, user);

    public async Task<JsonElement> SetAsync(ulong user, string presence)
    {
        (int status, JsonElement answer) = await SendAsync(Put(user, $$"""{"presence":"{{presence}}"}"""));
        Assert.True(status == 200, answer.ToString());
        return answer;
    }

    /// <summary>What <paramref name="asker"/> sees of one user.</summary>
    public async Task<JsonElement> SeeAsync(ulong asker, ulong user)
    {
        (int status, JsonElement answer) = await SendAsync(Get(asker, $"?users={user}"));
        Assert.True(status == 200, answer.ToString());
        return answer.GetProperty("users")[0];
    }

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Client.SendAsync(request);
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    private async Task StartAsync(string? dataDirectory)
    {
        Process = await ServerProcess.StartAsync(_settings, dataDirectory);
        Client = new HttpClient { BaseAddress = new Uri($"http://{Process.Http}"), Timeout = TimeSpan.FromSeconds(60) };
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private HttpRequestMessage Authorized(HttpRequestMessage request, ulong user)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(user));
        return request;
    }
}

[CollectionDefinition(nameof(HttpServer))]
public sealed class HttpServerTests : ICollectionFixture<HttpServer>;
