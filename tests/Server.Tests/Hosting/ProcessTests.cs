using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>How the process begins and ends: exit codes, signals, what it prints.</summary>
public class ProcessTests
{
    [Fact]
    public async Task SIGTERM_tells_the_clients_and_ends_with_0()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, 2));
        Task<int> stopping = server.StopAsync();
        Assert.Equal(CloseCode.Draining, (await client.ReceiveAsync(ServerFrame.FrameOneofCase.GoAway)).GoAway.CloseCode);
        await client.DisposeAsync();
        Assert.Equal(0, await stopping);
    }

    [Fact]
    public async Task Check_config_prints_the_configuration_and_ends_with_0()
    {
        (int code, string output) = await ServerProcess.RunToEndAsync(["--check-config", "Presence:Session:Hold=00:00:07"]);
        Assert.Equal(0, code);
        Assert.Contains("Presence:Session:Hold", output, StringComparison.Ordinal);
        Assert.Contains("00:00:07", output, StringComparison.Ordinal);
        Assert.Contains("command line", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--check-config")]
    [InlineData("--Presence:Shards=1")]
    public async Task A_bad_configuration_ends_with_2_and_all_its_errors(string argument)
    {
        (int code, string output) = await ServerProcess.RunToEndAsync(
            [argument, "Presence:Sesion:Hold=00:00:07", "Presence:Session:Tolerance=soon"]);
        Assert.Equal(2, code);
        Assert.Contains("Presence:Session", output, StringComparison.Ordinal);
        Assert.Contains("Presence:Sesion", output, StringComparison.Ordinal);
        Assert.Contains("Tolerance", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Production_without_a_key_ends_with_2_and_says_how_to_make_one()
    {
        string directory = Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        (int code, string output) = await ServerProcess.RunToEndAsync(ServerProcess.Defaults(directory), "Production");
        Assert.Equal(2, code);
        Assert.Contains("SigningKeyFile", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_in_use_ends_with_3()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        (int code, string output) = await ServerProcess.RunToEndAsync(ServerProcess.Defaults(server.DataDirectory));
        Assert.Equal(3, code);
        Assert.Contains(server.DataDirectory, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_ends_with_3()
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        string directory = Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        (int code, string output) = await ServerProcess.RunToEndAsync(
            [.. ServerProcess.Defaults(directory), $"Presence:Listen:Tcp={server.Tcp}"]);
        Directory.Delete(directory, recursive: true);
        Assert.Equal(3, code);
        Assert.Contains("in use", output, StringComparison.Ordinal);
    }
}
