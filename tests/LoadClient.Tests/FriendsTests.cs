using System.Text.Json;
using Presence.TestKit;
using Xunit;

namespace Presence.LoadClient.Tests;

/// <summary>The whole program against the real server.</summary>
public sealed class FriendsTests
{
    [Fact]
    public async Task Friends_end_with_every_view_right()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(
            "friends", "--server", server.Tcp.ToString(), "--data-directory", server.DataDirectory,
            "--connections", "200", "--watch", "10", "--flips", "20", "--duration", "5s", "--json");

        Assert.True(code == 0, errors + output);
        JsonElement report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(200, report.GetProperty("connections").GetProperty("up").GetInt32());
        Assert.Equal(2_000, report.GetProperty("states").GetProperty("compared").GetInt64());
        Assert.Equal(0, report.GetProperty("states").GetProperty("wrong").GetInt64());
        Assert.InRange(report.GetProperty("flips").GetProperty("sent").GetInt64(), 100, 101);
        JsonElement deliveries = report.GetProperty("deliveries");
        Assert.InRange(deliveries.GetProperty("received").GetInt64(), 1, deliveries.GetProperty("expected").GetInt64());
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

    [Theory]
    [InlineData("friends --no-such-option")]
    [InlineData("enemies")]
    [InlineData("friends --server 127.0.0.1:nowhere")]
    [InlineData("friends --connections 10 --watch 10")]
    [InlineData("friends --duration 0s")]
    [InlineData("friends --flips -1")]
    [InlineData("friends --first-user 0")]
    [InlineData("friends --key-file /no/such/file")]
    public async Task What_is_no_run_ends_with_2_and_says_why(string arguments)
    {
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.NotEmpty(errors);
        Assert.Empty(output);
    }
}
