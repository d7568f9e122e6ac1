namespace Presence.Ctl.Tests;

/// <summary>A wrong command line ends with 2, says what was wrong on standard error and prints nothing else.</summary>
public class UsageTests(Node node)
{
    [Theory]
    [InlineData("", "presencectl --help")]
    [InlineData("bogus", "bogus")]
    [InlineData("token", "--user")]
    [InlineData("token --user 0", "1 to 9223372036854775807")]
    [InlineData("token --user 9223372036854775808", "1 to 9223372036854775807")]
    [InlineData("token --user 1 --ttl soon", "15m")]
    [InlineData("token --user 1 --data-directory a --key-file b", "one of them")]
    [InlineData("status set 1 sleepy", "invisible")]
    [InlineData("status set x busy", "not a user id")]
    [InlineData("user", "presencectl user --help")]
    [InlineData("watch 1 02", "'02'")]
    [InlineData("session abc", "'abc' is not a session id")]
    [InlineData("shards --admin nohost", "HOST:PORT")]
    public async Task It_ends_with_2(string arguments, string said)
    {
        CtlResult result = await CtlProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_finds_wrong_with_a_question_ends_with_2()
    {
        CtlResult result = await node.RunAsync("status", "set", "102", "busy", "--text", new string('x', 129));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("status_text_bytes is 128", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_ends_with_1()
    {
        // Nobody listens on the port of tcpmux.
        CtlResult result = await CtlProcess.RunAsync(["shards", "--admin", "127.0.0.1:1", "--data-directory", node.Server.DataDirectory]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--admin HOST:PORT", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wrong_port_of_the_right_server_ends_with_1()
    {
        CtlResult result = await CtlProcess.RunAsync(
            ["shards", "--admin", node.Server.Http.ToString(), "--data-directory", node.Server.DataDirectory]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no admin service", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_ends_with_1()
    {
        CtlResult result = await CtlProcess.RunAsync(["shards", "--admin", node.Server.Admin.ToString(), "--token", "junk"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("does not accept the token", result.Error, StringComparison.Ordinal);
        Assert.Contains("--token or PRESENCE_ADMIN_TOKEN", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", result.Error, StringComparison.Ordinal);
    }
}
