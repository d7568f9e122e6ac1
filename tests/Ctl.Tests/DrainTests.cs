using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

/// <summary>drain: an operator ends a node.</summary>
public class DrainTests
{
    [Fact]
    public async Task The_clients_are_told_their_slots_and_the_process_ends_with_0()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, 1));
        await using CtlProcess drain = CtlProcess.Start(["drain", "--time", "60s", .. Options(server)]);
        GoAway goAway = (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway;
        Assert.True(goAway is { CloseCode: CloseCode.Draining, HasReconnectAfterMs: true, ReconnectAfterMs: <= 60_000 }, goAway.ToString());
        await client.DisposeAsync();
        CtlResult result = await drain.EndAsync();
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"1 connections are told to leave; until [-\d]+T[\d:.]+Z they are shown as they are\.", result.Output);
        Assert.EndsWith("The node stops.", result.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task A_time_that_is_too_long_is_refused_and_the_node_goes_on()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        CtlResult result = await CtlProcess.RunAsync(["drain", "--time", "11m", .. Options(server)]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("600000", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await CtlProcess.RunAsync(["node", .. Options(server)])).ExitCode);
    }

    private static string[] Options(ServerProcess server) => ["--admin", server.Admin.ToString(), "--data-directory", server.DataDirectory];
}
