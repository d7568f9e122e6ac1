using System.Globalization;
using System.Text.Json;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Http;

[Collection(nameof(HttpServer))]
public sealed class LeaseTests(HttpServer server)
{
    [Fact]
    public async Task The_answer_is_what_is_visible()
    {
        ulong user = server.NewUser();
        (int status, JsonElement set) = await server.SendAsync(
            server.Put(user, $$"""{"presence":"busy","user_id":{{user}},"status_text":"in a meeting, back à 3"}"""));
        Assert.Equal(200, status);
        Assert.Equal($"{user}", set.Text("user_id"));
        Assert.Equal("busy", set.Text("presence"));
        Assert.True(ulong.Parse(set.Text("version")!, CultureInfo.InvariantCulture) > 0);
        Assert.Equal("in a meeting, back à 3", set.Text("status_text"));
        Assert.Equal(set.ToString(), (await server.SeeAsync(server.NewUser(), user)).ToString());
    }

    [Fact]
    public async Task Answers_are_in_the_order_of_the_question_and_never_seen_is_offline_without_a_time()
    {
        (ulong asker, ulong known, ulong unknown) = (server.NewUser(), server.NewUser(), server.NewUser());
        await server.SetAsync(known, "online");
        (_, JsonElement answer) = await server.SendAsync(
            server.Get(asker, "", $$"""{"user_id":"{{asker}}","users_status":["{{unknown}}",{{known}},{{unknown}}]}"""));
        JsonElement users = answer.GetProperty("users");
        Assert.Equal([$"{unknown}", $"{known}", $"{unknown}"], users.EnumerateArray().Select(static user => user.Text("user_id")));
        Assert.Equal("offline", users[0].Text("presence"));
        Assert.Equal(JsonValueKind.Null, users[0].GetProperty("last_active").ValueKind);
        Assert.Equal(JsonValueKind.Null, users[0].GetProperty("last_active_ms").ValueKind);
        Assert.Equal("0", users[0].Text("version"));
        Assert.Equal("online", users[1].Text("presence"));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends()
    {
        (ulong watcher, ulong user) = (server.NewUser(), server.NewUser());
        await using StreamClient stream = await StreamClient.OpenAsync(server, watcher, query: $"?watch={user}");
        await stream.SeeAsync(user, "offline");
        await server.SetAsync(user, "online");
        await stream.SeeAsync(user, "online");
        JsonElement gone = await stream.SeeAsync(user, "offline");
        long lastActive = long.Parse(gone.Text("last_active_ms")!, CultureInfo.InvariantCulture);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(lastActive), gone.GetProperty("last_active").GetDateTimeOffset());
        Assert.EndsWith("Z", gone.Text("last_active"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_is_renewed_goes_on()
    {
        ulong user = server.NewUser();
        string? version = (await server.SetAsync(user, "online")).Text("version");
        // Its comments are the clock: twelve of them are 6 s, two leases long.
        await using StreamClient clock = await StreamClient.OpenAsync(server, server.NewUser());
        for (int i = 0; i < 12; i++)
        {
            await clock.NextAsync("");
            Assert.Equal(version, (await server.SetAsync(user, "online")).Text("version"));
        }
    }

    [Fact]
    public async Task Offline_ends_HTTP_devices_and_no_others()
    {
        ulong user = server.NewUser();
        await using RawClient phone = await RawClient.ConnectAsync(server.Process.Tcp);
        // The same name as the lease's device: over HTTP and over TCP it is not the same device.
        await phone.HelloAsync(server.TokenOf(user), "http", static hello => hello.InitialStatus = Status.Away);
        Assert.Equal("online", (await server.SetAsync(user, "online")).Text("presence"));
        JsonElement left = await server.SetAsync(user, "offline");
        Assert.Equal("away", left.Text("presence"));
        Assert.Equal(["mobile"], left.GetProperty("device_kinds").EnumerateArray().Select(static kind => kind.GetString()));
        await phone.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        Assert.Null(await phone.TryReceiveAsync(TestContext.Current.CancellationToken));
        Assert.Equal("offline", (await server.SeeAsync(user, user)).Text("presence"));
    }

    [Fact]
    public async Task Offline_of_a_user_nobody_has_seen_is_answered()
    {
        JsonElement answer = await server.SetAsync(server.NewUser(), "offline");
        Assert.Equal("offline", answer.Text("presence"));
        Assert.Equal("0", answer.Text("version"));
    }

    [Fact]
    public async Task Invisible_is_seen_by_oneself_alone_and_ends_with_the_next_status()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await server.SetAsync(user, "online");
        JsonElement hidden = await server.SetAsync(user, "invisible");
        Assert.Equal("offline", hidden.Text("presence"));
        Assert.Equal("invisible", (await server.SeeAsync(user, user)).Text("presence"));
        Assert.Equal(hidden.ToString(), (await server.SeeAsync(other, user)).ToString());
        await server.SetAsync(user, "away");
        Assert.Equal("away", (await server.SeeAsync(other, user)).Text("presence"));
    }

    [Fact]
    public async Task Who_comes_invisible_was_never_there()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await server.SetAsync(user, "online");
        await server.SetAsync(user, "offline");
        string before = (await server.SeeAsync(other, user)).ToString();
        await server.SetAsync(user, "invisible");
        Assert.Equal(before, (await server.SeeAsync(other, user)).ToString());
    }
}
