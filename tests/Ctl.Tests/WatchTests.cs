using System.Text.Json;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

public class WatchTests(Node node)
{
    [Fact]
    public async Task It_prints_a_line_a_change_while_it_goes_on()
    {
        await using CtlProcess watch = node.Start("watch", "201", "202");
        await watch.LineAsync(static line => line.EndsWith("user 201: offline, never seen", StringComparison.Ordinal));
        await using RawClient client = await node.ConnectAsync(201);
        await watch.LineAsync(static line => line.EndsWith("user 201: online (mobile)", StringComparison.Ordinal));
        await client.SetStatusAsync(1, Status.Busy, "in a call");
        await watch.LineAsync(static line => line.EndsWith("user 201: busy (mobile): in a call", StringComparison.Ordinal));
        await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await watch.LineAsync(static line => line.Contains("user 201: offline, last active 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Json_is_an_object_a_line()
    {
        await using CtlProcess watch = node.Start("watch", "203", "--json");
        JsonElement first = JsonDocument.Parse(await watch.LineAsync(static _ => true)).RootElement;
        Assert.Equal("203", first.GetProperty("user_id").GetString());
        Assert.Equal("0", first.GetProperty("version").GetString());
        await using RawClient client = await node.ConnectAsync(203);
        JsonElement second = JsonDocument.Parse(await watch.LineAsync(static _ => true)).RootElement;
        Assert.Equal("STATUS_ONLINE", second.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Interrupted_it_ends_with_0_and_the_server_forgets_its_watch()
    {
        await using CtlProcess watch = node.Start("watch", "204");
        await watch.LineAsync(static line => line.Contains("user 204", StringComparison.Ordinal));
        CtlResult result = await watch.InterruptAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        ulong watches;
        do
        {
            JsonElement shards = (await node.RunAsync("shards", "--json")).Json().GetProperty("shards");
            watches = (ulong)shards.EnumerateArray().Sum(static shard => decimal.Parse(shard.GetProperty("watches").GetString()!));
        }
        while (watches > 0);
    }

    [Fact]
    public async Task A_server_that_stops_ends_it_with_1()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using CtlProcess watch = CtlProcess.Start(
            ["watch", "1", "--admin", server.Admin.ToString(), "--data-directory", server.DataDirectory]);
        await watch.LineAsync(static line => line.Contains("user 1", StringComparison.Ordinal));
        Assert.Equal(0, await server.StopAsync());
        CtlResult result = await watch.EndAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("watch again", result.Error, StringComparison.Ordinal);
    }
}
