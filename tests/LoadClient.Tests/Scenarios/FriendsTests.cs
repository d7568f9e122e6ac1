using System.Text.Json;
using Presence.LoadClient.Tests.Fakes;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

/// <summary>The whole program against the real server.</summary>
public sealed class FriendsTests
{
    [Fact]
    public async Task Friends_end_with_every_view_right()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        RunOutput run = await RunOutput.OfAsync(server, "friends --connections 5000 --watch 10 --flips 100 --duration 20s");

        run.AssertRight("friends");
        Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+\+", run.Of("run", "server_version").GetString()!);
        Assert.Equal(5_000, run.Number("connections", "up"));
        Assert.Equal(50_000, run.Number("states", "compared"));
        Assert.Equal(0, run.Number("states", "wrong"));
        Assert.InRange(run.Number("flips", "sent"), 2_000, 2_001);
        Assert.InRange(run.Number("deliveries", "received"), 1, run.Number("deliveries", "expected"));
    }

    [Fact]
    public async Task Flips_over_the_limit_are_said_and_end_right()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(["Presence:Limits:StatusChanges=2/2s"]);
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(
            "friends", "--server", server.Tcp.ToString(), "--data-directory", server.DataDirectory,
            "--connections", "10", "--watch", "9", "--flips", "50", "--duration", "3s", "--json");

        Assert.True(code == 0, errors + output);
        Assert.Contains("the server lets 2/2s pass", errors, StringComparison.Ordinal);
        JsonElement deliveries = JsonDocument.Parse(output).RootElement.GetProperty("deliveries");
        Assert.True(deliveries.GetProperty("received").GetInt64() < deliveries.GetProperty("expected").GetInt64());
    }

    [Fact]
    public async Task Connections_that_are_refused_are_counted_and_end_with_1()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        string address = server.Tcp.ToString();
        await server.KillAsync();
        (int code, string output, _) = await LoadClientProcess.RunAsync(
            "friends", "--server", address, "--data-directory", server.DataDirectory,
            "--connections", "5", "--watch", "4", "--duration", "100ms", "--json");

        Assert.Equal(1, code);
        JsonElement connections = JsonDocument.Parse(output).RootElement.GetProperty("connections");
        Assert.Equal(5, connections.GetProperty("failed").GetProperty("connection_refused").GetInt32());
    }

    [Fact]
    public async Task Tokens_of_another_key_are_counted_by_the_close_code()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        string key = Path.Combine(server.DataDirectory, "another-key");
        await File.WriteAllTextAsync(key, new string('A', 43), TestContext.Current.CancellationToken);
        (int code, string output, _) = await LoadClientProcess.RunAsync(
            "friends", "--server", server.Tcp.ToString(), "--key-file", key,
            "--connections", "5", "--watch", "4", "--duration", "100ms", "--json");

        Assert.Equal(1, code);
        JsonElement connections = JsonDocument.Parse(output).RootElement.GetProperty("connections");
        Assert.Equal(5, connections.GetProperty("failed").GetProperty("bad_token").GetInt32());
    }

    [Fact]
    public async Task A_view_that_is_not_the_truth_ends_with_1()
    {
        await using var server = new CarelessServer();
        server.Start();
        RunOutput run = await RunOutput.OfAsync(
            "friends --connections 5 --watch 4 --flips 0 --duration 100ms", "--server", server.Address, "--key-file", server.KeyFile);

        run.AssertWrong("sees user");
        Assert.Equal(20, run.Number("states", "wrong"));
    }
}
