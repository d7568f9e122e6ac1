using Presence.TestKit;

namespace Presence.Ctl.Tests;

public class TokenTests(Node node)
{
    [Fact]
    public async Task It_prints_a_token_alone_that_opens_a_session()
    {
        CtlResult result = await CtlProcess.RunAsync(["token", "--user", "101", "--data-directory", node.Server.DataDirectory]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Matches(@"^[\w-]+\.[\w-]+\.[\w-]+\n$", result.Output);
        await using RawClient client = await RawClient.ConnectAsync(node.Server.Tcp);
        Assert.NotEqual(0UL, (await client.HelloAsync(result.Output.Trim())).SessionId);
    }

    [Fact]
    public async Task A_key_file_makes_the_same_tokens_and_json_says_whose_they_are()
    {
        string key = Path.Combine(node.Server.DataDirectory, "signing-key");
        CtlResult result = await CtlProcess.RunAsync(["token", "--user", "9223372036854775807", "--key-file", key, "--ttl", "90s", "--json"]);
        Assert.Equal("9223372036854775807", result.Json().GetProperty("user_id").GetString());
        await using RawClient client = await RawClient.ConnectAsync(node.Server.Tcp);
        await client.HelloAsync(result.Json().GetProperty("token").GetString()!);
    }

    [Fact]
    public async Task A_token_of_scope_admin_administers_by_option_and_by_environment()
    {
        CtlResult minted = await CtlProcess.RunAsync(
            ["token", "--user", "1", "--scope", "presence:admin", "--data-directory", node.Server.DataDirectory]);
        string[] ask = ["shards", "--json", "--admin", node.Server.Admin.ToString()];
        string token = minted.Output.Trim();
        Assert.Equal(2, (await CtlProcess.RunAsync([.. ask, "--token", token])).Json().GetProperty("shards").GetArrayLength());
        var environment = new Dictionary<string, string> { ["PRESENCE_ADMIN_TOKEN"] = token };
        Assert.Equal(2, (await CtlProcess.RunAsync(ask, environment)).Json().GetProperty("shards").GetArrayLength());
    }

    [Fact]
    public async Task Without_a_key_it_says_where_one_was_expected()
    {
        string nowhere = Path.Combine(node.Server.DataDirectory, "nowhere");
        CtlResult result = await CtlProcess.RunAsync(["token", "--user", "1", "--data-directory", nowhere]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains(Path.Combine(nowhere, "signing-key"), result.Error, StringComparison.Ordinal);
    }
}
