using System.Text.Json;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Ctl.Tests;

/// <summary>explain: why a user looks as it does.</summary>
public class ExplainTests(Node node)
{
    [Fact]
    public async Task Transitions_come_with_cause_and_with_how_many_were_told()
    {
        await using RawClient first = await node.ConnectAsync(802);
        await using RawClient second = await node.ConnectAsync(803);
        await first.WatchAsync(1, 801);
        await second.WatchAsync(1, 801);
        await using RawClient client = await node.ConnectAsync(801);
        await first.UpdateAsync(801, static entry => entry.Status == Status.Online);
        await client.SetStatusAsync(1, Status.Busy);
        await client.SendAsync(new ClientFrame { Goodbye = new Goodbye() });
        await first.UpdateAsync(801, static entry => entry.Status == Status.Offline);
        await second.UpdateAsync(801, static entry => entry.Status == Status.Offline);

        JsonElement explained = await UntilAsync(801, static answer => answer.GetProperty("transitions").GetArrayLength() == 3);
        Assert.Equal(
            ["goodbye", "explicit", "up"],
            explained.GetProperty("transitions").EnumerateArray().Select(static transition => transition.GetProperty("cause").GetString()));
        Assert.Equal(
            ["STATUS_OFFLINE", "STATUS_BUSY", "STATUS_ONLINE"],
            explained.GetProperty("transitions").EnumerateArray().Select(static transition => transition.GetProperty("shown").GetProperty("status").GetString()));
        Assert.All(explained.GetProperty("transitions").EnumerateArray(), static transition => Assert.Equal("2", transition.GetProperty("handed_to").GetString()));
        Assert.Equal("2", explained.GetProperty("watchers").GetString());
        Assert.Equal(["802", "803"], explained.GetProperty("watcher_ids").EnumerateArray().Select(static id => id.GetString()).Order());
        Assert.Empty(explained.GetProperty("user").GetProperty("devices").EnumerateArray());

        string words = (await node.RunAsync("explain", "801")).Output;
        Assert.Contains("user 801: offline: its last device left with a Goodbye at", words, StringComparison.Ordinal);
        Assert.Contains("2 sessions", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_watches_was_handed_to_nobody()
    {
        await using RawClient client = await node.ConnectAsync(804);
        JsonElement explained = await UntilAsync(804, static answer => answer.GetProperty("transitions").GetArrayLength() == 1);
        Assert.Equal("0", explained.GetProperty("transitions")[0].GetProperty("handed_to").GetString());
        Assert.Contains("its device phone, gone in", (await node.RunAsync("explain", "804")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_is_told_the_truth_of_who_is_invisible()
    {
        await using RawClient client = await node.ConnectAsync(805);
        await client.SetStatusAsync(1, Status.Invisible);
        await client.SetStatusAsync(2, Status.Invisible);
        JsonElement explained = await UntilAsync(805, static answer => answer.GetProperty("transitions").GetArrayLength() >= 2);
        JsonElement hides = explained.GetProperty("transitions").EnumerateArray().Last(static transition => transition.GetProperty("invisible").GetBoolean());
        Assert.Equal(("STATUS_OFFLINE", "explicit"), (hides.GetProperty("shown").GetProperty("status").GetString(), hides.GetProperty("cause").GetString()));
        Assert.Contains("because it chose to be invisible; it is online", (await node.RunAsync("explain", "805")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_was_never_seen_is_an_answer()
    {
        CtlResult result = await node.RunAsync("explain", "899");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("user 899: never seen", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain", "801", "--last", "0")]
    [InlineData("explain", "801", "--last", "1001")]
    [InlineData("explain", "801", "--since", "banana")]
    [InlineData("explain", "0")]
    public async Task A_wrong_command_line_is_said_to_be_wrong(params string[] arguments) => Assert.Equal(2, (await node.RunAsync(arguments)).ExitCode);

    // What was decided is in the journal some milliseconds later.
    private async Task<JsonElement> UntilAsync(ulong user, Func<JsonElement, bool> isThere)
    {
        JsonElement explained;
        do
        {
            explained = (await node.RunAsync("explain", $"{user}", "--json")).Json();
        }
        while (!isThere(explained));
        return explained;
    }
}
