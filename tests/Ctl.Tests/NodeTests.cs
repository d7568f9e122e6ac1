using System.Globalization;
using System.Text.Json;

namespace Presence.Ctl.Tests;

/// <summary>node: what an operator sees of the process.</summary>
public class NodeTests(Node node)
{
    [Fact]
    public async Task The_process_is_shown_with_its_memory_and_what_its_collector_did()
    {
        JsonElement shown = (await node.RunAsync("node", "--json")).Json();
        Assert.Equal(node.Server.Id, shown.GetProperty("process_id").GetInt32());
        Assert.NotEqual("", shown.GetProperty("version").GetString());
        // Not less than what is resident: arrays that were never touched are not.
        Assert.InRange(Number(shown, "managed_heap_bytes"), 1UL << 20, 1UL << 40);
        Assert.InRange(Number(shown, "rss_bytes"), 1UL << 20, 1UL << 40);
        Assert.InRange(Number(shown, "gc_pause_longest_us"), 0UL, Number(shown, "gc_pause_total_us"));
        Assert.InRange(Number(shown, "turn_longest_us"), 1UL, Number(shown, "uptime_ms") * 1_000);
        Assert.Equal(3, shown.GetProperty("collections").GetArrayLength());
        Assert.Equal(5, shown.GetProperty("managed_generation_bytes").GetArrayLength());
    }

    [Fact]
    public async Task For_people_each_figure_has_its_unit()
    {
        CtlResult table = await node.RunAsync("node");
        Assert.Equal(0, table.ExitCode);
        Assert.Matches(@"resident memory\s+[\d,.]+ MiB", table.Output);
        Assert.Matches(@"longest turn of a shard\s+[\d.]+ ms", table.Output);
        Assert.Matches(@"GC pauses \(longest · in all\)\s+[\d.]+ ms · [\d.]+ ms", table.Output);
    }

    private static ulong Number(JsonElement element, string name) =>
        ulong.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
