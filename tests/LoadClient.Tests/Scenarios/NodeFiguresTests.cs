using Presence.LoadClient.Machine;
using Presence.LoadClient.Reports;
using Presence.LoadClient.Scenarios.Ramp;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class NodeFiguresTests
{
    [Fact]
    public void What_the_hold_cost_is_the_difference_and_the_rest_is_since_the_server_began()
    {
        NodeFigures figures = NodeFigures.Of(
            heapMost: 9_000_000,
            new NodeUsage(5_000_000, 1, 2, Collections: 10, Ms(40), Ms(7), LongestTurn: Ms(20)),
            new NodeUsage(6_000_000, 300, 20, Collections: 15, Ms(65), Ms(8), LongestTurn: Ms(30)));

        Assert.Equal(new NodeFigures(9_000_000, 300, 20, 15, 65, 8, CollectionsInHold: 5, GcPauseMsInHold: 25, 20, 30), figures);
    }

    [Theory]
    [InlineData(499_000_000, true)]
    [InlineData(501_000_000, false)]
    public void The_whole_managed_heap_is_judged_at_the_reference_load(long heapMost, bool isMet)
    {
        var usage = new NodeUsage(heapMost, 0, 0, 0, Ms(0), Ms(0), Ms(0));
        NodeFigures figures = NodeFigures.Of(heapMost, usage, usage);

        SummaryRow judged = Assert.Single(figures.Rows(isReference: true), static row => row.Budget is not null);
        Assert.Equal(isMet, judged.IsMet);
        Assert.All(figures.Rows(isReference: false), static row => Assert.Null(row.Budget));
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
