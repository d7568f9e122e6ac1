using System.Globalization;
using System.Text.Json;
using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

/// <summary>links, and link devices in user: what an operator sees of gateways.</summary>
public class LinksTests(Node node)
{
    [Fact]
    public async Task A_gateway_is_shown_with_its_users_and_what_became_of_its_frames()
    {
        await using RawGateway gateway = await RawGateway.OpenAsync(node.Server, "carrier [red]7");
        JsonElement link = await LinkAsync("carrier [red]7");
        Assert.Equal("LINK_STATE_RESYNCING", link.GetProperty("state").GetString());
        await gateway.UpAsync(Status.Busy, 401, 402, 403);
        await gateway.BeatAsync(401, 402, 403);
        await gateway.DownAsync(403, 404);
        await gateway.SendAsync(SessionsVerb.Beat, 9, [401]);
        await gateway.ErrorAsync();
        await gateway.Client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = 1 } });
        await gateway.AckedAsync(await gateway.CompleteAsync());
        await gateway.SendAsync(SessionsVerb.Beat, 2, [401]);
        do
        {
            link = await LinkAsync("carrier [red]7");
        }
        while (Number(link, "repeats") == 0 || Number(link, "downs") == 0 || link.GetProperty("unapplied").GetInt32() > 0);
        Assert.Equal("LINK_STATE_LIVE", link.GetProperty("state").GetString());
        Assert.Equal(
            (2UL, 4UL, 3UL, 3UL, 1UL, 1UL, 1UL),
            (Number(link, "users"), Number(link, "last_seq"), Number(link, "beats"), Number(link, "ups"), Number(link, "downs"),
                Number(link, "passed_over"), Number(link, "refused_frames")));
        JsonElement connection = link.GetProperty("connection");
        Assert.Equal("tcp", connection.GetProperty("transport").GetString());
        Assert.Equal("test-gateway", connection.GetProperty("client_name").GetString());
        Assert.True(connection.GetProperty("watches_all").GetBoolean());
        Assert.False(connection.GetProperty("resumed").GetBoolean());
        Assert.StartsWith("127.0.0.1:", link.GetProperty("remote").GetString(), StringComparison.Ordinal);
        CtlResult table = await node.RunAsync("links");
        Assert.Contains("carrier [red]7", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_on_a_link_is_known_by_its_gateway()
    {
        await using RawGateway gateway = await RawGateway.OpenAsync(node.Server, "carrier-8");
        await using RawClient watcher = await node.ConnectAsync(410);
        await watcher.WatchAsync(1, 411);
        await gateway.UpAsync(Status.Away, 411);
        await watcher.UpdateAsync(411);
        JsonElement device = Assert.Single((await node.RunAsync("user", "411", "--json")).Json().GetProperty("devices").EnumerateArray());
        Assert.Equal("carrier-8", device.GetProperty("gateway_id").GetString());
        Assert.Equal("carrier-8", device.GetProperty("device_id").GetString());
        Assert.Equal("DEVICE_STATE_LIVE", device.GetProperty("state").GetString());
        Assert.Contains("carrier-8", (await node.RunAsync("user", "411")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_link_is_held()
    {
        RawGateway gateway = await RawGateway.OpenAsync(node.Server, "carrier-9");
        gateway.Client.Reset();
        JsonElement link;
        do
        {
            link = await LinkAsync("carrier-9");
        }
        while (link.GetProperty("state").GetString() != "LINK_STATE_HELD");
        Assert.False(link.TryGetProperty("connection", out _));
        Assert.True(link.TryGetProperty("held_for_ms", out _));
    }

    [Fact]
    public async Task A_token_of_scope_gateway_opens_a_link()
    {
        CtlResult token = await CtlProcess.RunAsync(
            ["token", "--user", "1", "--scope", "presence:gateway", "--data-directory", node.Server.DataDirectory]);
        RawClient client = await RawClient.ConnectAsync(node.Server.Tcp);
        await using RawGateway gateway = await RawGateway.OpenAsync(
            client, node.Server, "carrier-10", hello => hello.Token = token.Output.Trim());
        Assert.Equal(0UL, gateway.Welcome.LastSeq);
    }

    private async Task<JsonElement> LinkAsync(string id) =>
        (await node.RunAsync("links", "--json")).Json().GetProperty("links").EnumerateArray()
            .Single(link => link.GetProperty("gateway_id").GetString() == id);

    private static ulong Number(JsonElement element, string name) =>
        ulong.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
