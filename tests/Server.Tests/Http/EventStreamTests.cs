using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.Server.Tests.Http;

[Collection(nameof(HttpServer))]
public sealed class EventStreamTests(HttpServer server)
{
    [Fact]
    public async Task A_stream_tells_who_it_is_what_is_and_what_changes()
    {
        (ulong user, ulong friend, ulong stranger) = (server.NewUser(), server.NewUser(), server.NewUser());
        await server.SetAsync(friend, "busy");
        await using StreamClient stream = await StreamClient.OpenAsync(server, user, query: $"?device=tab&watch={friend},{stranger}");
        JsonElement welcome = await stream.NextAsync("welcome");
        Assert.Equal($"{user}", welcome.Text("user_id"));
        Assert.Equal("tab", welcome.Text("device"));
        Assert.False(welcome.GetProperty("resumed").GetBoolean());
        JsonElement state = await stream.SeeAsync(friend, "busy");
        Assert.Equal((await server.SeeAsync(user, friend)).ToString(), state.ToString());
        await stream.SeeAsync(stranger, "offline");
        await server.SetAsync(friend, "offline");
        await stream.SeeAsync(friend, "offline");
        await server.SetAsync(stranger, "away");
        await stream.SeeAsync(stranger, "away");
    }

    [Fact]
    public async Task The_status_asked_for_is_acknowledged_and_visible()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await using StreamClient stream = await StreamClient.OpenAsync(server, user, "busy");
        JsonElement ack = await stream.NextAsync("ack");
        JsonElement seen = await server.SeeAsync(other, user);
        Assert.Equal("busy", seen.Text("presence"));
        Assert.Equal(seen.Text("version"), ack.Text("version"));
    }

    [Fact]
    public async Task An_invisible_user_knows_of_it_and_nobody_else()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await server.SetAsync(user, "online");
        await using StreamClient stream = await StreamClient.OpenAsync(server, user, "invisible", $"?watch={user}");
        await stream.SeeAsync(user, "invisible");
        Assert.Equal("offline", (await server.SeeAsync(other, user)).Text("presence"));
    }

    [Fact]
    public async Task A_stream_lives_longer_than_any_silence_is_allowed()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await using StreamClient stream = await StreamClient.OpenAsync(server, user);
        string? version = (await stream.NextAsync("ack")).Text("version");
        // Comments come every 500 ms: fourteen take more than twice d + 2δ.
        for (int i = 0; i < 14; i++)
        {
            await stream.NextAsync("");
        }

        JsonElement seen = await server.SeeAsync(other, user);
        Assert.Equal("online", seen.Text("presence"));
        Assert.Equal(version, seen.Text("version"));
    }

    [Fact]
    public async Task Two_streams_are_two_devices()
    {
        (ulong user, ulong watcher) = (server.NewUser(), server.NewUser());
        await using StreamClient watching = await StreamClient.OpenAsync(server, watcher, query: $"?watch={user}");
        StreamClient first = await StreamClient.OpenAsync(server, user, "busy");
        StreamClient second = await StreamClient.OpenAsync(server, user, "away");
        await watching.SeeAsync(user, "busy");
        await second.NextAsync("ack");
        await first.DisposeAsync();
        await watching.SeeAsync(user, "away");
        await second.DisposeAsync();
        await watching.SeeAsync(user, "offline");
    }

    [Fact]
    public async Task Who_comes_back_within_the_hold_was_never_away_and_gets_the_whole_snapshot()
    {
        (ulong user, ulong friend, ulong watcher) = (server.NewUser(), server.NewUser(), server.NewUser());
        string query = $"?device=tab&watch={friend}";
        await using StreamClient watching = await StreamClient.OpenAsync(server, watcher, query: $"?watch={user}");
        StreamClient lost = await StreamClient.OpenAsync(server, user, query: query);
        string? version = (await lost.NextAsync("ack")).Text("version");
        await lost.DisposeAsync();
        await using StreamClient back = await StreamClient.OpenAsync(server, user, query: query);
        Assert.True((await back.NextAsync("welcome")).GetProperty("resumed").GetBoolean());
        await back.SeeAsync(friend, "offline");
        // Longer than the hold of the lost connection: it must not take the device with it.
        for (int i = 0; i < 6; i++)
        {
            await back.NextAsync("");
        }

        Assert.Equal(version, (await server.SeeAsync(watcher, user)).Text("version"));
    }

    [Fact]
    public async Task The_newer_stream_of_a_device_replaces_the_older()
    {
        ulong user = server.NewUser();
        await using StreamClient older = await StreamClient.OpenAsync(server, user, query: "?device=tab");
        await using StreamClient newer = await StreamClient.OpenAsync(server, user, query: "?device=tab");
        JsonElement goAway = await older.NextAsync("goaway");
        Assert.Equal(4503, goAway.GetProperty("close_code").GetInt32());
        Assert.False(goAway.GetProperty("comes_back").GetBoolean());
        Assert.Null(await older.TryNextAsync());
        await newer.NextAsync("");
        Assert.Equal("online", (await server.SeeAsync(user, user)).Text("presence"));
    }

    [Fact]
    public async Task Offline_ends_all_streams_of_the_user()
    {
        ulong user = server.NewUser();
        await using StreamClient first = await StreamClient.OpenAsync(server, user);
        await using StreamClient second = await StreamClient.OpenAsync(server, user);
        Assert.Equal("offline", (await server.SetAsync(user, "offline")).Text("presence"));
        foreach (StreamClient stream in new[] { first, second })
        {
            JsonElement goAway = await stream.NextAsync("goaway");
            Assert.Equal(0, goAway.GetProperty("close_code").GetInt32());
            Assert.False(goAway.GetProperty("comes_back").GetBoolean());
            Assert.Null(await stream.TryNextAsync());
        }
    }

    [Fact]
    public async Task A_killed_client_is_held_and_then_offline()
    {
        (ulong user, ulong watcher) = (server.NewUser(), server.NewUser());
        await using StreamClient watching = await StreamClient.OpenAsync(server, watcher, query: $"?watch={user}");
        using var curl = new Process { StartInfo = new ProcessStartInfo("curl") { RedirectStandardOutput = true } };
        string[] arguments = [
            "-sN", "-X", "PUT", $"{server.Presence}", "-H", $"Authorization: Bearer {server.TokenOf(user)}",
            "-H", "Content-Type: application/json", "-H", "Accept: text/event-stream", "-d", """{"presence":"online"}"""];
        foreach (string argument in arguments)
        {
            curl.StartInfo.ArgumentList.Add(argument);
        }

        curl.Start();
        JsonElement online = await watching.SeeAsync(user, "online");
        Assert.Equal("event: welcome", await curl.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        curl.Kill();
        JsonElement offline = await watching.SeeAsync(user, "offline");
        Assert.True(TimeOf(offline) >= TimeOf(online) + 1_000, "It was not held.");
    }

    [Fact]
    public async Task An_expired_token_ends_the_stream_and_a_new_one_continues_it()
    {
        (ulong user, ulong watcher) = (server.NewUser(), server.NewUser());
        string expiring = TestTokens.For(server.Process, user, TimeSpan.FromSeconds(4));
        await using StreamClient first = await StreamClient.OpenAsync(server, user, query: "?device=tab", token: expiring);
        (JsonElement warning, JsonElement ack) = await first.BothAsync("token-expiring", "ack");
        string? version = ack.Text("version");
        Assert.InRange(warning.GetProperty("in_ms").GetInt32(), 0, 4_000);
        JsonElement goAway = await first.NextAsync("goaway");
        Assert.Equal(4005, goAway.GetProperty("close_code").GetInt32());
        Assert.True(goAway.GetProperty("comes_back").GetBoolean());
        Assert.Null(await first.TryNextAsync());
        await using StreamClient second = await StreamClient.OpenAsync(server, user, query: "?device=tab");
        await second.NextAsync("ack");
        Assert.Equal(version, (await server.SeeAsync(watcher, user)).Text("version"));
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        var own = new HttpServer();
        await own.InitializeAsync();
        await using StreamClient stream = await StreamClient.OpenAsync(own, 1);
        await stream.NextAsync("welcome");
        Task<int> stopping = own.Process.StopAsync();
        JsonElement goAway = await stream.NextAsync("goaway");
        Assert.Equal(4000, goAway.GetProperty("close_code").GetInt32());
        Assert.Null(await stream.TryNextAsync());
        Assert.Equal(0, await stopping);
        await own.DisposeAsync();
    }

    // A version begins with the Unix milliseconds of its change.
    private static long TimeOf(JsonElement state) => (long)(ulong.Parse(state.Text("version")!, CultureInfo.InvariantCulture) >> 16);
}
