using System.Net;
using System.Net.Sockets;
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
    public async Task SIGTERM_while_it_starts_ends_with_0()
    {
        await using ServerProcess server = await ServerProcess.BeginAsync();
        Assert.Equal(0, await server.StopAsync());
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
    public async Task Too_few_descriptors_for_the_server_itself_end_with_2_and_what_it_needs()
    {
        string directory = Path.Combine(Path.GetTempPath(), $"presence-{Guid.NewGuid():N}");
        (int code, string output) = await ServerProcess.RunToEndAsync(
            [.. ServerProcess.Defaults(directory), "Presence:Limits:DescriptorReserve=64"], descriptors: 300);
        Assert.Equal(2, code);
        Assert.Contains("300 open files are not enough", output, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
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

    [Theory]
    [InlineData("Tcp", "epoll", "presence")]
    [InlineData("Tcp", "sockets", "presence")]
    [InlineData("WebSocket", "epoll", "ws")]
    [InlineData("Http", "epoll", "http")]
    [InlineData("Admin", "epoll", "http")]
    public async Task A_port_in_use_ends_with_3_and_one_sentence(string listener, string transport, string scheme)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string output = await EndsAsync(3, $"Presence:Transport={transport}", $"Presence:Listen:{listener}={taken.LocalEndpoint}");
        AssertLastWord(
            $"Presence:Listen:{listener}: {scheme}://{taken.LocalEndpoint} is in use by another process. Stop that process, or choose another port.", output);
    }

    [Theory]
    [InlineData("Tcp", "epoll", "presence")]
    [InlineData("Tcp", "sockets", "presence")]
    [InlineData("Http", "epoll", "http")]
    public async Task An_address_of_another_machine_ends_with_2_and_one_sentence(string listener, string transport, string scheme)
    {
        // TEST-NET-1: nobody has it.
        string output = await EndsAsync(2, $"Presence:Transport={transport}", $"Presence:Listen:{listener}=192.0.2.1:21400");
        AssertLastWord(
            $"Presence:Listen:{listener}: {scheme}://192.0.2.1:21400 is not an address of this machine. Name one that it has, or ':PORT' to listen on all of them.",
            output);
    }

    [Theory]
    [InlineData("--foo")]
    [InlineData("--Presence.Shards=1")]
    [InlineData("--urls=http://127.0.0.1:0")]
    [InlineData("--Presence:Shards")]
    public async Task A_word_that_is_not_understood_ends_with_2(string word)
    {
        string output = await EndsAsync(2, word);
        Assert.Contains(word.Contains('=', StringComparison.Ordinal) ? word.Split('=')[0] : word, output, StringComparison.Ordinal);
        Assert.Contains("--check-config", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_foresaw_ends_with_70_its_trace_and_one_sentence()
    {
        string output = await EndsAsync(70, "--contentRoot=/nowhere/at/all");
        Assert.Contains("DirectoryNotFoundException", output, StringComparison.Ordinal);
        Assert.EndsWith("and ends. Report this with the trace above.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_only_loops_listen_the_framework_listens_nowhere()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            ["Presence:Transport=epoll", "Presence:Listen:WebSocket=off", "Presence:Listen:Http=off", "Presence:Listen:Admin=off"]);
        await using RawClient client = await RawClient.ConnectAsync(server.Tcp);
        await client.HelloAsync(TestTokens.For(server, 2));
        Assert.Equal([server.Tcp.Port], ListeningSockets.PortsOf(server.Id));
    }

    private static void AssertLastWord(string expected, string output)
    {
        Assert.EndsWith(Environment.NewLine + expected, Environment.NewLine + output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
    }

    private static async Task<string> EndsAsync(int code, params string[] settings)
    {
        using var directory = new TemporaryDirectory();
        (int ended, string output) = await ServerProcess.RunToEndAsync([.. ServerProcess.Defaults(directory[""]), .. settings]);
        Assert.True(ended == code, $"{ended}: {output}");
        return output;
    }
}
