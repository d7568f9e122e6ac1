using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

/// <summary>user, session, status, query: what an operator sees of a user, and what others see.</summary>
public class UserTests(Node node)
{
    [Fact]
    public async Task A_user_is_shown_with_its_devices_connections_and_deadlines()
    {
        await using RawClient client = await node.ConnectAsync(301, "tablet-7");
        await client.WatchAsync(1, 302, 303);
        JsonElement user = (await node.RunAsync("user", "301", "--json")).Json();
        Assert.Equal("STATUS_ONLINE", user.GetProperty("visible").GetProperty("status").GetString());
        Assert.Equal("STATUS_ONLINE", user.GetProperty("true_status").GetString());
        Assert.False(user.GetProperty("invisible").GetBoolean());
        JsonElement device = Assert.Single(user.GetProperty("devices").EnumerateArray());
        Assert.Equal("tablet-7", device.GetProperty("device_id").GetString());
        Assert.Equal("DEVICE_STATE_LIVE", device.GetProperty("state").GetString());
        Assert.Equal(Text(client.Welcome!.SessionId), device.GetProperty("session_id").GetString());
        // d + 2δ of the defaults, less what passed since.
        Assert.InRange(Number(device, "gone_in_ms"), 1UL, 40_000UL);
        Assert.InRange(Number(device, "deadline_in_ms"), 0UL, 40_100UL);
        JsonElement connection = device.GetProperty("connection");
        Assert.Equal("tcp", connection.GetProperty("transport").GetString());
        Assert.StartsWith("127.0.0.1:", connection.GetProperty("remote").GetString(), StringComparison.Ordinal);
        Assert.Equal("test", connection.GetProperty("client_name").GetString());
        Assert.Equal(2, connection.GetProperty("watches").GetInt32());
    }

    [Fact]
    public async Task An_invisible_user_is_offline_to_others_and_true_to_an_operator()
    {
        await using RawClient client = await node.ConnectAsync(304);
        await client.SetStatusAsync(1, Status.Invisible);
        JsonElement seen = (await node.RunAsync("status", "get", "304", "--json")).Json();
        Assert.Equal("STATUS_OFFLINE", seen.GetProperty("status").GetString());
        JsonElement user = (await node.RunAsync("user", "304", "--json")).Json();
        Assert.True(user.GetProperty("invisible").GetBoolean());
        Assert.Equal("STATUS_OFFLINE", user.GetProperty("visible").GetProperty("status").GetString());
        Assert.Equal("STATUS_ONLINE", user.GetProperty("true_status").GetString());
    }

    [Fact]
    public async Task A_device_whose_connection_was_lost_is_held()
    {
        RawClient client = await node.ConnectAsync(305);
        client.Reset();
        JsonElement device;
        do
        {
            device = (await node.RunAsync("user", "305", "--json")).Json().GetProperty("devices")[0];
        }
        while (device.GetProperty("state").GetString() == "DEVICE_STATE_LIVE");
        Assert.Equal("DEVICE_STATE_HELD", device.GetProperty("state").GetString());
        Assert.False(device.TryGetProperty("connection", out _));
        Assert.InRange(Number(device, "gone_in_ms"), 0UL, 15_100UL);
    }

    [Fact]
    public async Task A_user_who_has_left_comes_from_the_store()
    {
        await using RawClient client = await node.ConnectAsync(306);
        await using RawClient watcher = await node.ConnectAsync(307);
        await watcher.WatchAsync(1, 306);
        await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await watcher.UpdateAsync(306, static entry => entry.Status == Status.Offline);
        JsonElement user = (await node.RunAsync("user", "306", "--json")).Json();
        Assert.False(user.GetProperty("in_memory").GetBoolean());
        Assert.NotEqual("0", user.GetProperty("true_last_active_ms").GetString());
        Assert.Empty(user.GetProperty("devices").EnumerateArray());
    }

    [Fact]
    public async Task A_session_is_found_by_its_id_on_any_shard_and_transport()
    {
        await using RawClient socket = await RawClient.ConnectWebSocketAsync(node.Server.Http);
        ulong session = (await socket.HelloAsync(TestTokens.For(node.Server, 308), "browser")).SessionId;
        // The user's second device: the search looks at them all.
        await using RawClient second = await node.ConnectAsync(308, "phone");
        JsonElement first = (await node.RunAsync("session", Text(session), "--json")).Json();
        Assert.Equal("308", first.GetProperty("user_id").GetString());
        Assert.Equal("browser", first.GetProperty("device").GetProperty("device_id").GetString());
        Assert.Equal("websocket", first.GetProperty("device").GetProperty("connection").GetProperty("transport").GetString());
        CtlResult other = await node.RunAsync("session", Text(second.Welcome!.SessionId));
        Assert.Equal(0, other.ExitCode);
        Assert.Contains("live", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_there_ends_with_1()
    {
        CtlResult session = await node.RunAsync("session", "12345");
        Assert.Equal((1, ""), (session.ExitCode, session.Output));
        Assert.Contains("12345", session.Error, StringComparison.Ordinal);
        CtlResult user = await node.RunAsync("user", "309");
        Assert.Equal((1, ""), (user.ExitCode, user.Output));
        Assert.Contains("never seen", user.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_is_set_is_seen_by_watchers_and_stands_on_a_lease()
    {
        await using RawClient watcher = await node.ConnectAsync(310);
        await watcher.WatchAsync(1, 311);
        CtlResult set = await node.RunAsync("status", "set", "311", "busy", "--text", "in [red]a call");
        Assert.Equal("user 311: busy: in [red]a call\n", set.Output);
        Assert.Equal("in [red]a call", (await watcher.UpdateAsync(311)).StatusText);
        JsonElement device = (await node.RunAsync("user", "311", "--json")).Json().GetProperty("devices")[0];
        Assert.Equal("presencectl", device.GetProperty("device_id").GetString());
        CtlResult ended = await node.RunAsync("status", "set", "311", "offline");
        Assert.StartsWith("user 311: offline, last active 2", ended.Output, StringComparison.Ordinal);
        Assert.Equal(Status.Offline, (await watcher.UpdateAsync(311)).Status);
    }

    [Fact]
    public async Task Leases_have_their_names_whatever_a_client_calls_its_device()
    {
        await using RawClient client = await node.ConnectAsync(316, "presencectl");
        using var http = new HttpClient();
        using var put = new HttpRequestMessage(HttpMethod.Put, new Uri($"http://{node.Server.Http}/users/presence"))
        {
            Headers = { Authorization = new("Bearer", TestTokens.For(node.Server, 316)) },
            Content = JsonContent.Create(new { presence = "away" }),
        };
        (await http.SendAsync(put, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await node.RunAsync("status", "set", "316", "busy");
        JsonElement devices = (await node.RunAsync("user", "316", "--json")).Json().GetProperty("devices");
        Assert.Equal(
            ["http", "presencectl", "presencectl"],
            devices.EnumerateArray().Select(static device => device.GetProperty("device_id").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Query_shows_versions_and_who_was_never_seen()
    {
        await using RawClient client = await node.ConnectAsync(312);
        JsonElement entries = (await node.RunAsync("query", "312", "313", "--json")).Json().GetProperty("entries");
        Assert.Equal(["312", "313"], entries.EnumerateArray().Select(static entry => entry.GetProperty("user_id").GetString()));
        Assert.NotEqual("0", entries[0].GetProperty("version").GetString());
        Assert.Equal("0", entries[1].GetProperty("version").GetString());
        CtlResult table = await node.RunAsync("query", "312", "313");
        Assert.Contains("never seen", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shards_count_connections_sessions_and_heartbeats()
    {
        JsonElement[] before = await ShardsAsync();
        await using RawClient one = await node.ConnectAsync(314);
        await using RawClient two = await node.ConnectAsync(315);
        for (int i = 0; i < 5; i++)
        {
            await one.HeartbeatAsync();
        }

        await one.RoundTripAsync();
        await two.HeartbeatAsync(HeartbeatFlags.Active);
        await two.RoundTripAsync();
        JsonElement[] after = await ShardsAsync();
        Assert.Equal(2, after.Length);
        Assert.Equal(8UL, Sum(after, "heartbeats") - Sum(before, "heartbeats"));
        Assert.Equal(2UL, Sum(after, "sessions_opened") - Sum(before, "sessions_opened"));
        Assert.Equal(Sum(after, "sessions"), Sum(after, "deadlines"));
        Assert.True(Sum(after, "users") >= 2);
        Assert.All(after, static shard => Assert.True(shard.GetProperty("turns_per_second").GetDouble() > 0));
    }

    private async Task<JsonElement[]> ShardsAsync() =>
        [.. (await node.RunAsync("shards", "--json")).Json().GetProperty("shards").EnumerateArray()];

    private static ulong Sum(JsonElement[] shards, string name) => (ulong)shards.Sum(shard => (decimal)Number(shard, name));

    private static ulong Number(JsonElement element, string name) =>
        ulong.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
