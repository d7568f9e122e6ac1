using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class UsageTests
{
    [Theory]
    [InlineData("friends --no-such-option")]
    [InlineData("enemies")]
    [InlineData("friends --server 127.0.0.1:nowhere")]
    [InlineData("friends --connections 10 --watch 10")]
    [InlineData("friends --duration 0s")]
    [InlineData("friends --flips -1")]
    [InlineData("friends --first-user 0")]
    [InlineData("friends --key-file /no/such/file")]
    [InlineData("friends --html /no/such/directory/report.html")]
    [InlineData("friends --server-pid 0")]
    [InlineData("friends --admin 127.0.0.1")]
    [InlineData("celebrity --connections 0")]
    [InlineData("flap --long-share 2")]
    [InlineData("hostile --share 0.95")]
    [InlineData("hostile --attacks silence,websocket_pings")]
    [InlineData("hostile --connections 100 --share 0.05")]
    [InlineData("hostile --websocket nowhere")]
    [InlineData("read --ids-per-query 15")]
    [InlineData("storm --storms 0")]
    [InlineData("restart --stay-away 1")]
    [InlineData("restart --tolerance soon")]
    [InlineData("storm --sessions 10 --links 11")]
    [InlineData("ramp --sessions many")]
    [InlineData("ramp --sessions 0")]
    [InlineData("ramp --links 65")]
    [InlineData("ramp --ids-per-query 16-1000")]
    [InlineData("ramp --ids-per-query 20..10")]
    [InlineData("ramp --sessions 500 --ids-per-query 16..1000")]
    [InlineData("ramp --hold 0s")]
    [InlineData("ramp --changes -1")]
    public async Task What_is_no_run_ends_with_2_and_says_why(string arguments)
    {
        (int code, string output, string errors) = await LoadClientProcess.RunAsync(arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.NotEmpty(errors);
        Assert.Empty(output);
    }
}
