using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Presence.Server.Tests.Http;
using Presence.Server.Tests.Sessions;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Cluster;

/// <summary>The change feed of a cluster: everybody of all nodes at each, and a cursor of one is good at the others.</summary>
[Collection(ClusterScene.Collection)]
public sealed class SharedFeedTests
{
    private const int Nodes = 3;
    private const int Users = 12;
    private const string Patient = "Presence:Session:HeartbeatInterval=00:00:30";

    private static readonly ulong[] s_users = [.. Enumerable.Range(1, Users).Select(static user => (ulong)user)];

    [Fact]
    public async Task A_snapshot_has_everybody_of_all_nodes_and_what_follows_is_every_transition_of_theirs()
    {
        // The client of a feed that was left keeps its connection for some seconds.
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient, "Presence:Limits:ChangeFeeds=100");
        RawClient[] clients = await Task.WhenAll(s_users.Select(user => scene.ConnectAsync((int)(user % Nodes), user)));
        await Task.WhenAll(clients.Select(static client => client.SetStatusAsync(1, Status.Busy, "in a call")));
        RawClient hidden = await scene.ConnectAsync(1, Users + 1);
        await hidden.SetStatusAsync(1, Status.Invisible);
        await using StreamClient feed = await FollowAsync(scene, 0);
        await AreToldAsync(feed, "busy");
        for (int node = 0; node < Nodes; node++)
        {
            await using StreamClient one = await FollowAsync(scene, node);
            await NamesAsync(one, "busy", "in a call");
        }

        await Task.WhenAll(clients.Select(static client => client.SetStatusAsync(2, Status.Away)));
        await Task.WhenAll(clients.Select(static client => client.SendAsync(new ClientFrame { Goodbye = new Goodbye() })));
        List<JsonElement>[] told = [.. s_users.Select(static _ => new List<JsonElement>())];
        for (int change = 0; change < 2 * Users; change++)
        {
            JsonElement next = await feed.NextAsync("change");
            told[int.Parse(next.Text("user_id")!) - 1].Add(next);
        }

        Assert.All(told, static ofUser => Assert.Equal(["away", "offline"], ofUser.Select(static change => change.Text("presence"))));
        Assert.All(told, static ofUser => Assert.True(ofUser[0].Text("at_ms") is not null && ofUser[1].Text("last_active_ms") is not null));
        await SaysAllIsToldAsync(scene, feed, told.Max(static ofUser => long.Parse(ofUser[^1].Text("at_ms")!)));
    }

    [Fact]
    public async Task A_cursor_is_good_at_every_other_node_while_changes_happen()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient);
        const int Turns = 40;
        await using StreamClient first = await FollowAsync(scene, 0);
        await NamesNobodyAsync(first);
        string cursor = first.LastId;
        Task<Ack[]> changes = ChangeAsync(scene, Turns);
        List<string> told = [];
        for (int node = 1; told.Count < 2 * Turns; node++)
        {
            // From node to node, some changes at each.
            await using StreamClient next = await FollowAsync(scene, node % Nodes, cursor);
            for (int change = 0; change < 8 && told.Count < 2 * Turns; change++)
            {
                told.Add((await next.NextAsync("change")).Text("version")!);
                cursor = next.LastId;
            }
        }

        // Each once, and all of the connection that was there before too.
        Ack[] acks = await changes;
        Assert.Equal(acks.Select(static ack => $"{ack.Version}").Order(), told.Order());
        List<string> seen = [];
        while (seen.Count < 2 * Turns)
        {
            seen.Add((await first.NextAsync("change")).Text("version")!);
        }

        Assert.Equal(told, seen);
    }

    [Fact]
    public async Task While_Redis_is_away_a_feed_waits_and_a_new_one_is_told_to_come_back()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes, Patient);
        RawClient client = await scene.ConnectAsync(1, 1);
        await using StreamClient feed = await FollowAsync(scene, 0, "latest");
        await feed.NextAsync("watermark");
        await client.SetStatusAsync(1, Status.Busy);
        await feed.NextAsync("change", static change => change.Text("presence") == "busy");
        string cursor = feed.LastId;
        await scene.Redis.KillAsync();
        foreach (string? after in (string?[])[null, "latest", cursor])
        {
            (int status, JsonElement problem, TimeSpan? retryAfter) = await RefusedAsync(scene, 0, after);
            Assert.Equal((503, "UNAVAILABLE"), (status, problem.Text("code")));
            Assert.Contains("Redis", problem.Text("detail"), StringComparison.Ordinal);
            Assert.True(retryAfter > TimeSpan.Zero);
        }

        await client.SetStatusAsync(2, Status.Away);
        await scene.Redis.AgainAsync();
        Assert.Equal("away", (await feed.NextAsync("change")).Text("presence"));
        // Each node finds Redis again by itself; who was told to come back does.
        await Scene.UntilAsync(async () => await StatusAsync(scene, 2, cursor) != HttpStatusCode.ServiceUnavailable);
        await using StreamClient other = await FollowAsync(scene, 2, cursor);
        Assert.Equal("away", (await other.NextAsync("change")).Text("presence"));
    }

    [Fact]
    public async Task Of_a_Redis_that_has_lost_what_it_had_no_cursor_is_good_and_a_snapshot_waits_for_all_of_it()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(nodes: 1, Patient);
        await scene.ConnectAsync(0, 1);
        await using StreamClient feed = await FollowAsync(scene, 0, "latest");
        await feed.NextAsync("watermark");
        string cursor = feed.LastId;
        string cluster = cursor[..cursor.IndexOf('-', StringComparison.Ordinal)];
        foreach ((string after, int status, string code) in ((string, int, string)[])
            [("banana", 400, "INVALID_ARGUMENT"), ($"{cluster}-0-0", 400, "INVALID_ARGUMENT"), ("7-1764345600000-4096-0", 410, "GONE"), ("0123456789abcdef-1764345600000-0", 410, "GONE"), ($"{cluster}-1764345600000-0", 410, "GONE")])
        {
            (int answered, JsonElement problem, _) = await RefusedAsync(scene, 0, after);
            Assert.Equal((status, code, "after"), (answered, problem.Text("code"), problem.Text("which")));
        }

        await scene.Redis.AskAsync("""EVAL "for _, key in ipairs({'presence:changes', 'presence:cursors', unpack(redis.call('KEYS', 'presence:u:*'))}) do redis.call('DEL', key) end return 1" 0""");
        Assert.Equal("GONE", (await feed.NextAsync("error")).Text("code"));
        Assert.Null(await feed.TryNextAsync());
        (int gone, _, _) = await RefusedAsync(scene, 0, cursor);
        Assert.Equal(410, gone);
        await using StreamClient anew = await FollowAsync(scene, 0);
        Assert.Equal(["1"], (await SnapshotAsync(anew)).Keys);
    }

    [Fact]
    public async Task Who_goes_with_a_node_that_dies_is_told_of_though_nobody_asks()
    {
        await using ClusterScene scene = await ClusterScene.StartAsync(Nodes);
        await Task.WhenAll(s_users.Select(user => scene.ConnectAsync(Nodes - 1, user)));
        await using StreamClient feed = await FollowAsync(scene, 0);
        await AreToldAsync(feed, "online");
        await scene[Nodes - 1].KillAsync();
        await AreToldAsync(feed, "offline");
    }

    private static async Task<Ack[]> ChangeAsync(ClusterScene scene, int turns)
    {
        List<Ack> acks = [];
        RawClient[] clients = await Task.WhenAll(Enumerable.Range(0, 2).Select(node => scene.ConnectAsync(node, (ulong)node + 1, change: Scene.Observe)));
        for (int turn = 0; turn < turns; turn++)
        {
            foreach (RawClient client in clients)
            {
                acks.Add(await client.SetStatusAsync((uint)turn + 1, turn % 2 == 0 ? Status.Busy : Status.Online));
            }
        }

        return [.. acks];
    }

    // As soon as each node has said that it is so far; meanwhile somebody comes and goes.
    private static async Task SaysAllIsToldAsync(ClusterScene scene, StreamClient feed, long untilMs)
    {
        RawClient sign = await scene.ConnectAsync(0, Users + 2, change: Scene.Observe);
        string? asOf = null;
        for (uint turn = 1; asOf is null || long.Parse(asOf) < untilMs; turn++)
        {
            await sign.SetStatusAsync(turn, turn % 2 == 0 ? Status.Online : Status.Busy);
            await feed.NextAsync("change");
            await using StreamClient late = await FollowAsync(scene, 2, "latest");
            asOf = (await late.NextAsync("watermark")).Text("as_of_ms");
        }
    }

    private static async Task NamesNobodyAsync(StreamClient feed) => Assert.Empty(await SnapshotAsync(feed));

    // In the snapshot, or behind it.
    private static async Task AreToldAsync(StreamClient feed, string presence)
    {
        const int MostWatermarks = 4;
        HashSet<string> told = [];
        int watermarks = 0;
        while (told.Count < Users)
        {
            (string name, JsonElement data) = await feed.TryNextAsync() ?? throw new InvalidOperationException("The stream ended before all had been told of.");
            watermarks += name == "watermark" ? 1 : 0;
            Assert.True(watermarks < MostWatermarks, $"For a minute only {told.Count} were told of.");
            if (name is "presence" or "change" && data.Text("presence") == presence)
            {
                told.Add(data.Text("user_id")!);
            }
        }
    }

    private static async Task NamesAsync(StreamClient feed, string presence, string text)
    {
        Dictionary<string, JsonElement> snapshot = await SnapshotAsync(feed);
        Assert.Equal(s_users.Select(static user => $"{user}").Order(), snapshot.Keys.Order());
        Assert.All(snapshot.Values, user => Assert.Equal((presence, text), (user.Text("presence"), user.Text("status_text"))));
    }

    private static async Task<Dictionary<string, JsonElement>> SnapshotAsync(StreamClient feed)
    {
        Dictionary<string, JsonElement> users = [];
        while (await feed.TryNextAsync() is { } next)
        {
            if (next.Name == "snapshot-end")
            {
                return users;
            }

            if (next.Name.Length > 0)
            {
                Assert.Equal("presence", next.Name);
                users[next.Data.Text("user_id")!] = next.Data;
            }
        }

        throw new InvalidOperationException("The stream ended within the snapshot.");
    }

    private static HttpRequestMessage Request(ClusterScene scene, string? after)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, after is null ? "/v1/changes" : $"/v1/changes?after={after}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", scene.TokenOf(1, "presence:changes"));
        return request;
    }

    private static async Task<(int Status, JsonElement Problem, TimeSpan? RetryAfter)> RefusedAsync(ClusterScene scene, int node, string? after)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{scene[node].Http}") };
        using HttpResponseMessage response = await http.SendAsync(Request(scene, after));
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, document.RootElement.Clone(), response.Headers.RetryAfter?.Delta);
    }

    private static async Task<HttpStatusCode> StatusAsync(ClusterScene scene, int node, string after)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{scene[node].Http}") };
        using HttpResponseMessage response = await http.SendAsync(Request(scene, after), HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    private static Task<StreamClient> FollowAsync(ClusterScene scene, int node, string? after = null) =>
        StreamClient.OpenAsync(new Uri($"http://{scene[node].Http}"), Request(scene, after));
}
