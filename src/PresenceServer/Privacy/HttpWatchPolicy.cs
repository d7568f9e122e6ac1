using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Protocol;

namespace Presence.Server.Privacy;

/// <summary>
/// Asks another program: <c>POST</c> with <c>{"watcher": "1", "watched": ["2", "3"]}</c>, answered with 200 and <c>{"hidden": ["3"]}</c>. Anything else is no answer.
/// </summary>
internal sealed class HttpWatchPolicy(Uri url, HttpClient http) : IWatchPolicy
{
    /// <summary>A thousand ids, and room.</summary>
    private const int MostAnswerBytes = 64 * 1024;

    /// <summary>A client that follows no redirect; how long it waits is the caller's to say.</summary>
    public static HttpClient CreateClient(int concurrency) => new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = concurrency })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MostAnswerBytes,
    };

    public async ValueTask<IReadOnlySet<ulong>> HiddenAsync(ulong watcher, IReadOnlyCollection<ulong> watched, CancellationToken cancel)
    {
        var question = new WatchQuestion(Text(watcher), [.. watched.Select(Text)]);
        using HttpResponseMessage response = await http.PostAsJsonAsync(url, question, PolicyJson.Default.WatchQuestion, cancel);
        response.EnsureSuccessStatusCode();
        WatchAnswer? answer = await response.Content.ReadFromJsonAsync(PolicyJson.Default.WatchAnswer, cancel);
        return (answer?.Hidden ?? throw new JsonException("The answer has no array 'hidden'.")).Select(Id).ToHashSet();
    }

    private static string Text(ulong userId) => userId.ToString(CultureInfo.InvariantCulture);

    private static ulong Id(string text) => UserId.TryParse(text, out ulong userId) ? userId : throw new JsonException($"'{text}' is not a user id.");
}

internal sealed record WatchQuestion(string Watcher, string[] Watched);

internal sealed record WatchAnswer(string[]? Hidden);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WatchQuestion))]
[JsonSerializable(typeof(WatchAnswer))]
internal sealed partial class PolicyJson : JsonSerializerContext;
