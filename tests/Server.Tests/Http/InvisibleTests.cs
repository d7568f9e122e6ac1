using System.Text.Json;
using Google.Protobuf;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Http;

/// <summary>Invisible means invisible on every surface (P9), from the first moment and over restarts.</summary>
[Collection(nameof(HttpServer))]
public sealed class InvisibleTests(HttpServer server)
{
    [Fact]
    public async Task Who_opens_an_invisible_stream_is_not_seen_to_come()
    {
        (ulong user, ulong sign, ulong other) = (server.NewUser(), server.NewUser(), server.NewUser());
        await server.SetAsync(user, "online");
        await server.SetAsync(user, "offline");
        await using RawClient observer = await ObserveAsync(server, user);
        await using StreamClient watching = await StreamClient.OpenAsync(server, other, query: $"?watch={user},{sign}");
        string before = (await watching.SeeAsync(user, "offline")).ToString();
        await using StreamClient stream = await StreamClient.OpenAsync(server, user, "invisible", $"?watch={user}");
        await stream.AckedAndSeenAsync(user, "invisible");
        await server.SetAsync(sign, "busy");
        // All that has happened has been told in order: nothing of the user came before the sign.
        JsonElement next = await watching.NextAsync("presence", state => state.Text("user_id") == $"{user}" || state.Text("presence") == "busy");
        Assert.Equal($"{sign}", next.Text("user_id"));
        Assert.Equal(before, (await server.SeeAsync(other, user)).ToString());
    }

    [Fact]
    public async Task Who_was_never_seen_stays_so_on_every_surface_and_over_a_restart()
    {
        await using var own = new HttpServer();
        await own.InitializeAsync();
        (ulong hidden, ulong nobody) = (own.NewUser(), own.NewUser());
        await using (StreamClient stream = await StreamClient.OpenAsync(own, hidden, "invisible", $"?watch={hidden}"))
        {
            Assert.Equal("0", (await stream.AckedAndSeenAsync(hidden, "invisible")).Text("version"));
            await AssertLikeAsync(own, nobody, hidden);
        }

        Assert.Equal("invisible", (await own.SeeAsync(hidden, hidden)).Text("presence"));
        await own.RestartAsync();
        Assert.Equal("invisible", (await own.SeeAsync(hidden, hidden)).Text("presence"));
        await AssertLikeAsync(own, nobody, hidden);
        await using RawClient back = await RawClient.ConnectAsync(own.Process.Tcp);
        await back.HelloAsync(own.TokenOf(hidden));
        await AssertLikeAsync(own, nobody, hidden);
        Assert.True((await back.SetStatusAsync(1, Status.Online)).Version > 0);
        Assert.Equal("online", (await own.SeeAsync(nobody, hidden)).Text("presence"));
    }

    [Fact]
    public async Task Who_has_left_invisible_is_told_so_and_nobody_else()
    {
        (ulong user, ulong other) = (server.NewUser(), server.NewUser());
        await server.SetAsync(user, "online");
        await using (StreamClient stream = await StreamClient.OpenAsync(server, user, "invisible", "?device=tab"))
        {
            await stream.NextAsync("ack");
        }

        await server.SetAsync(user, "offline");
        Assert.Equal("invisible", (await server.SeeAsync(user, user)).Text("presence"));
        Assert.Equal("offline", (await server.SeeAsync(other, user)).Text("presence"));
    }

    private static async Task<RawClient> ObserveAsync(HttpServer server, ulong user)
    {
        RawClient observer = await RawClient.ConnectAsync(server.Process.Tcp);
        await observer.HelloAsync(server.TokenOf(user), "observer", static hello => hello.InitialStatus = Status.Offline);
        return observer;
    }

    /// <summary>To a stranger the one is as the other, in all that can be asked.</summary>
    private static async Task AssertLikeAsync(HttpServer server, ulong nobody, ulong hidden)
    {
        ulong stranger = server.NewUser();
        Assert.Equal(await TextsAsync(server, stranger, nobody), await TextsAsync(server, stranger, hidden));
    }

    // Every answer about a user, with the user's id taken out.
    private static async Task<string[]> TextsAsync(HttpServer server, ulong stranger, ulong user)
    {
        await using RawClient client = await ObserveAsync(server, stranger);
        PresenceEntry watched = (await client.WatchAsync(1, user)).Entries.Single();
        PresenceEntry asked = (await client.QueryAsync(2, user)).Entries.Single();
        (watched.UserId, asked.UserId) = (0, 0);
        await using StreamClient stream = await StreamClient.OpenAsync(server, stranger, query: $"?watch={user}");
        string streamed = (await stream.SeeAsync(user, "offline")).ToString();
        string got = (await server.SeeAsync(stranger, user)).ToString();
        return [Convert.ToHexString(watched.ToByteArray()), Convert.ToHexString(asked.ToByteArray()), Without(streamed, user), Without(got, user)];
    }

    private static string Without(string text, ulong user) => text.Replace($"\"{user}\"", "\"\"", StringComparison.Ordinal);
}
