using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Recoveries;

/// <summary>Asks a server about users over HTTP, and how far it has recovered.</summary>
internal sealed class RecoveryQuestions : IDisposable
{
    private const ulong Asker = 1;

    private readonly Subject _server;
    private readonly HttpClient _http = new();
    private readonly HttpClient _admin = new();

    public RecoveryQuestions(Subject server)
    {
        _server = server;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Tokens.Mint(Asker));
    }

    /// <summary>How long the last question took.</summary>
    public TimeSpan RoundTrip { get; private set; }

    /// <summary>True when every user can be answered for.</summary>
    public bool IsLoaded()
    {
        using HttpResponseMessage response = _admin.Send(new HttpRequestMessage(HttpMethod.Get, $"http://{_server.Admin}/readyz"));
        using JsonDocument health = JsonDocument.Parse(response.Content.ReadAsStream());
        return health.RootElement.GetProperty("checks").EnumerateArray()
            .Any(static check => check.GetProperty("name").ValueEquals("recovery") && check.GetProperty("status").ValueEquals("ok"));
    }

    /// <summary>What is shown of users.</summary>
    public JsonElement[] Ask(IReadOnlyCollection<long> users)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = _http.Send(
            new HttpRequestMessage(HttpMethod.Get, $"http://{_server.EndPoint}/users/presence?users={string.Join(',', users)}"));
        response.EnsureSuccessStatusCode();
        using JsonDocument answer = JsonDocument.Parse(response.Content.ReadAsStream());
        RoundTrip = Stopwatch.GetElapsedTime(start);
        return [.. answer.RootElement.GetProperty("users").EnumerateArray().Select(static entry => entry.Clone())];
    }

    public static bool IsUnknown(JsonElement entry) => entry.GetProperty("presence").ValueEquals("unknown");

    /// <summary>As a record says that every user of the sample has: seen before, and when, unless it is shown as online.</summary>
    public static bool IsRight(JsonElement entry) =>
        !IsUnknown(entry)
        && !entry.GetProperty("version").ValueEquals("0")
        && (!entry.GetProperty("presence").ValueEquals("offline") || entry.GetProperty("last_active_ms").ValueKind != JsonValueKind.Null);

    public void Dispose()
    {
        _http.Dispose();
        _admin.Dispose();
    }
}
