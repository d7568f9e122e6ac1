using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>The change feed: a snapshot, then every transition once and in order, from any cursor on.</summary>
public sealed class ChangesTests : IAsyncLifetime
{
    private const string Scope = "presence:changes";

    private readonly HttpServer _server = new();

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_snapshot_names_who_is_there_and_what_follows_is_every_transition_in_order()
    {
        (ulong here, ulong away, ulong gone, ulong comes) = (_server.NewUser(), _server.NewUser(), _server.NewUser(), _server.NewUser());
        await _server.SendAsync(_server.Put(here, """{"presence":"busy","status_text":"in a call"}"""));
        await _server.SetAsync(away, "away");
        await _server.SetAsync(gone, "online");
        await _server.SetAsync(gone, "offline");

        await using StreamClient feed = await FollowAsync();
        Dictionary<string, JsonElement> snapshot = await SnapshotOfAsync(feed);
        Assert.Equal([$"{here}", $"{away}"], snapshot.Keys.Order());
        Assert.Equal(("busy", "in a call"), (snapshot[$"{here}"].Text("presence"), snapshot[$"{here}"].Text("status_text")));

        await _server.SetAsync(comes, "online");
        await _server.SetAsync(comes, "busy");
        await _server.SetAsync(comes, "offline");
        await _server.SetAsync(away, "online");
        JsonElement[] changes = await NextChangesAsync(feed, 4);
        Assert.Equal(
            [$"{comes} online", $"{comes} busy", $"{comes} offline", $"{away} online"],
            changes.Select(static change => $"{change.Text("user_id")} {change.Text("presence")}"));
        Assert.Equal((await _server.SeeAsync(here, comes)).Text("last_active_ms"), changes[2].Text("last_active_ms"));
        Assert.True(long.Parse(changes[1].Text("at_ms")!) >= long.Parse(changes[0].Text("at_ms")!));
        Assert.False(changes[0].TryGetProperty("coalesced", out _));
    }

    [Fact]
    public async Task From_any_cursor_on_the_rest_comes_once()
    {
        ulong user = _server.NewUser();
        await using StreamClient feed = await FollowAsync();
        await SnapshotOfAsync(feed);
        List<(string Cursor, string Version)> told = [(feed.LastId, "0")];
        for (int turn = 0; turn < 3; turn++)
        {
            await _server.SetAsync(user, "online");
            await _server.SetAsync(user, "offline");
            for (int change = 0; change < 2; change++)
            {
                string version = (await NextChangesAsync(feed, 1))[0].Text("version")!;
                told.Add((feed.LastId, version));
            }
        }

        for (int from = 0; from < told.Count - 1; from++)
        {
            // Half of them as the event source of a browser does.
            await using StreamClient again = await FollowAsync(from % 2 == 0 ? told[from].Cursor : "latest", from % 2 == 0 ? null : told[from].Cursor);
            JsonElement[] rest = await NextChangesAsync(again, told.Count - 1 - from);
            Assert.Equal(told[(from + 1)..].Select(static change => change.Version), rest.Select(static change => change.Text("version")));
        }
    }

    [Fact]
    public async Task A_cursor_is_good_over_a_crash()
    {
        (ulong user, ulong sign) = (_server.NewUser(), _server.NewUser());
        await using StreamClient feed = await FollowAsync();
        await SnapshotOfAsync(feed);
        string cursor = feed.LastId;
        await _server.SetAsync(user, "busy");
        await _server.KillAndRestartAsync();
        await _server.SetAsync(sign, "online");

        await using StreamClient again = await FollowAsync(cursor);
        Assert.Equal(
            [$"{user} busy", $"{sign} online"],
            (await NextChangesAsync(again, 2)).Select(static change => $"{change.Text("user_id")} {change.Text("presence")}"));
    }

    [Fact]
    public async Task A_snapshot_after_a_crash_names_who_may_come_back_and_then_who_did_not()
    {
        (ulong gone, ulong stays, ulong hidden) = (_server.NewUser(), _server.NewUser(), _server.NewUser());
        await _server.SetAsync(gone, "busy");
        await _server.SetAsync(stays, "online");
        await _server.SetAsync(hidden, "online");
        await _server.SetAsync(hidden, "invisible");
        await _server.KillAndRestartAsync();

        await using StreamClient feed = await FollowAsync();
        Dictionary<string, JsonElement> snapshot = await SnapshotOfAsync(feed);
        Assert.Equal([$"{gone} busy", $"{stays} online"], snapshot.Select(static user => $"{user.Key} {user.Value.Text("presence")}").Order());

        // Nobody asks about it, and it does not come back.
        await feed.NextAsync("change", change => change.Text("user_id") == $"{gone}" && change.Text("presence") == "offline");
    }

    [Fact]
    public async Task Of_an_invisible_user_nothing_is_told_but_that_it_went()
    {
        (ulong user, ulong sign) = (_server.NewUser(), _server.NewUser());
        await _server.SetAsync(user, "online");
        await using StreamClient feed = await FollowAsync("latest");
        await _server.SetAsync(user, "invisible");
        await _server.SendAsync(_server.Put(user, """{"presence":"invisible","status_text":"still here"}"""));
        await _server.SetAsync(user, "offline");
        await _server.SetAsync(sign, "online");
        JsonElement[] changes = await NextChangesAsync(feed, 2);
        Assert.Equal([$"{user} offline", $"{sign} online"], changes.Select(static change => $"{change.Text("user_id")} {change.Text("presence")}"));
        Assert.Equal(
            ["user_id", "presence", "last_active", "last_active_ms", "version", "device_kinds", "at_ms"],
            changes[0].EnumerateObject().Select(static property => property.Name));
    }

    [Fact]
    public async Task A_watermark_says_that_all_has_been_told()
    {
        await using StreamClient feed = await FollowAsync("latest");
        Assert.NotNull(await feed.NextAsync("watermark") is var watermark ? watermark.GetProperty("as_of_ms").ToString() : null);
        Assert.NotEqual("", feed.LastId);
    }

    [Fact]
    public async Task It_ends_with_the_token_and_with_the_node()
    {
        await using (StreamClient feed = await FollowAsync("latest", token: TestTokens.For(_server.Process, 1, TimeSpan.FromSeconds(2), Scope)))
        {
            JsonElement bye = await feed.NextAsync("goaway");
            Assert.Equal((4005, true), (bye.GetProperty("close_code").GetInt32(), bye.GetProperty("comes_back").GetBoolean()));
            Assert.Null(await feed.TryNextAsync());
        }

        await using StreamClient last = await FollowAsync("latest");
        Task<int> stopped = _server.Process.StopAsync();
        Assert.Equal(4000, (await last.NextAsync("goaway")).GetProperty("close_code").GetInt32());
        Assert.Equal(0, await stopped);
    }

    [Theory]
    [InlineData("?after=banana", 400, "INVALID_ARGUMENT")]
    [InlineData("?after=1-2-3-4", 400, "INVALID_ARGUMENT")]
    [InlineData("?after=7-1764345600000-4096-0", 410, "GONE")]
    [InlineData("?after=1-0-128-0", 410, "GONE")]
    public async Task A_cursor_that_leads_nowhere_is_refused(string query, int status, string code)
    {
        (int answered, JsonElement problem) = await _server.SendAsync(Request(query, Token()));
        Assert.Equal((status, code, "after"), (answered, problem.Text("code"), problem.Text("which")));
    }

    [Fact]
    public async Task It_is_for_tokens_of_its_scope_and_for_readers_of_streams()
    {
        (int status, JsonElement problem) = await _server.SendAsync(Request("", TestTokens.For(_server.Process, 1)));
        Assert.Equal((403, "FORBIDDEN"), (status, problem.Text("code")));
        (status, _) = await _server.SendAsync(Request("", "x"));
        Assert.Equal(401, status);
        HttpRequestMessage json = Request("", Token());
        json.Headers.Accept.ParseAdd("application/json");
        (status, _) = await _server.SendAsync(json);
        Assert.Equal(406, status);
    }

    [Fact]
    public async Task One_more_than_are_allowed_is_told_to_come_back_and_finds_room_when_one_has_left()
    {
        List<StreamClient> all = [];
        for (int feed = 0; feed < 8; feed++)
        {
            all.Add(await FollowAsync("latest"));
        }

        using (HttpResponseMessage refused = await _server.Client.SendAsync(Request("?after=latest", Token())))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        await all[3].DisposeAsync();
        HttpStatusCode answered;
        do
        {
            using HttpResponseMessage another =
                await _server.Client.SendAsync(Request("?after=latest", Token()), HttpCompletionOption.ResponseHeadersRead);
            answered = another.StatusCode;
        }
        while (answered == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, answered);
        foreach (StreamClient feed in all)
        {
            await feed.DisposeAsync();
        }
    }

    private static async Task<Dictionary<string, JsonElement>> SnapshotOfAsync(StreamClient feed)
    {
        Dictionary<string, JsonElement> users = [];
        while (await feed.TryNextAsync() is { } next)
        {
            if (next.Name == "snapshot-end")
            {
                Assert.Equal($"{users.Count}", next.Data.Text("users"));
                return users;
            }

            // A comment comes while it waits for the disk.
            if (next.Name.Length > 0)
            {
                Assert.Equal(("presence", ""), (next.Name, feed.LastId));
                users.Add(next.Data.Text("user_id")!, next.Data);
            }
        }

        throw new InvalidOperationException("The stream ended within the snapshot.");
    }

    private static async Task<JsonElement[]> NextChangesAsync(StreamClient feed, int count)
    {
        var changes = new JsonElement[count];
        for (int i = 0; i < count; i++)
        {
            changes[i] = await feed.NextAsync("change");
        }

        return changes;
    }

    private static HttpRequestMessage Request(string query, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/changes{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private string Token() => TestTokens.For(_server.Process, 1, scope: Scope);

    private async Task<StreamClient> FollowAsync(string? after = null, string? lastEventId = null, string? token = null)
    {
        HttpRequestMessage request = Request(after is null ? "" : $"?after={after}", token ?? Token());
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return await StreamClient.OpenAsync(_server, request);
    }
}
