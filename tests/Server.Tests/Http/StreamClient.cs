using System.Text.Json;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>Reads an event stream. Comments are events without a name.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private StreamClient(HttpClient http, HttpResponseMessage response, StreamReader lines) =>
        (_http, _response, _lines) = (http, response, lines);

    /// <summary>The id of the last event that had one; empty before.</summary>
    public string LastId { get; private set; } = "";

    public static async Task<StreamClient> OpenAsync(
        HttpServer server, ulong user, string presence = "online", string query = "", string? token = null)
    {
        HttpRequestMessage request = server.Put(user, $$"""{"presence":"{{presence}}"}""", query);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await OpenAsync(server, request);
    }

    /// <summary>Sends what is answered with a stream.</summary>
    public static Task<StreamClient> OpenAsync(HttpServer server, HttpRequestMessage request) => OpenAsync(server.Client.BaseAddress!, request);

    /// <inheritdoc cref="OpenAsync(HttpServer, HttpRequestMessage)"/>
    public static async Task<StreamClient> OpenAsync(Uri server, HttpRequestMessage request)
    {
        // A client of its own: closing it closes the connection.
        var http = new HttpClient { BaseAddress = server };
        HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            Assert.Fail($"No stream: {await response.Content.ReadAsStringAsync()}");
        }

        return new StreamClient(http, response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event of a kind; others are skipped.</summary>
    public async Task<JsonElement> NextAsync(string name, Func<JsonElement, bool>? match = null)
    {
        while (await TryNextAsync() is { } next)
        {
            if (next.Name == name && match?.Invoke(next.Data) != false)
            {
                return next.Data;
            }
        }

        throw new InvalidOperationException($"The stream ended before {name}.");
    }

    /// <summary>The next state of a user that fits.</summary>
    public Task<JsonElement> SeeAsync(ulong user, string presence) =>
        NextAsync("presence", state => state.Text("user_id") == $"{user}" && state.Text("presence") == presence);

    /// <summary>The acknowledgement, and a state of a user that fits: in either order, as the one waits for the disk and the other does not.</summary>
    /// <returns>The acknowledgement.</returns>
    public async Task<JsonElement> AckedAndSeenAsync(ulong user, string presence)
    {
        JsonElement? ack = null;
        bool seen = false;
        while (ack is null || !seen)
        {
            (string name, JsonElement data) = await TryNextAsync() ?? throw new InvalidOperationException("The stream ended before both had come.");
            ack = name == "ack" ? data : ack;
            seen |= name == "presence" && data.Text("user_id") == $"{user}" && data.Text("presence") == presence;
        }

        return ack.Value;
    }

    /// <summary>The next event of each of two kinds, in either order; others are skipped.</summary>
    public async Task<(JsonElement One, JsonElement Other)> BothAsync(string one, string other)
    {
        JsonElement? first = null;
        JsonElement? second = null;
        while (first is null || second is null)
        {
            (string name, JsonElement data) = await TryNextAsync() ?? throw new InvalidOperationException($"The stream ended before {one} and {other} had come.");
            first = name == one ? data : first;
            second = name == other ? data : second;
        }

        return (first.Value, second.Value);
    }

    /// <summary>The next event; null when the stream has ended in order.</summary>
    public async Task<(string Name, JsonElement Data)?> TryNextAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        string name = "";
        JsonElement data = default;
        while (await _lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0)
            {
                return (name, data);
            }

            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line["event: ".Length..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line["id: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using JsonDocument document = JsonDocument.Parse(line["data: ".Length..]);
                data = document.RootElement.Clone();
            }
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        _response.Dispose();
        _http.Dispose();
        return default;
    }
}

internal static class JsonElements
{
    public static string? Text(this JsonElement element, string property) => element.GetProperty(property).GetString();
}
