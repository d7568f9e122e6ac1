using Presence.LoadClient.Reports.Plots;
using Xunit;

namespace Presence.LoadClient.Tests.Reports;

public sealed class AxisScaleTests
{
    [Theory]
    [InlineData(0, new[] { "0", "0.2", "0.4", "0.6", "0.8", "1" })]
    [InlineData(4_100, new[] { "0", "1,000", "2,000", "3,000", "4,000" })]
    [InlineData(100e6, new[] { "0", "20 M", "40 M", "60 M", "80 M", "100 M" })]
    public void Marks_are_round_and_fit(double highest, string[] labels)
    {
        AxisScale scale = AxisScale.Linear("", highest);
        Assert.Equal(labels, scale.Ticks.Select(static tick => tick.Label));
        Assert.True(highest == 0 || highest < scale.To);
    }

    [Theory]
    [InlineData(60, "s", 60)]
    [InlineData(600, "min", 10)]
    [InlineData(36_000, "h", 10)]
    public void Times_are_in_the_unit_that_suits_the_run(double seconds, string unit, double to)
    {
        AxisScale scale = AxisScale.Time(seconds);
        Assert.EndsWith($", {unit}", scale.Label, StringComparison.Ordinal);
        Assert.Equal(to, scale.To);
        Assert.Equal(to, scale.Position(seconds));
    }

    [Fact]
    public void A_logarithmic_axis_goes_from_decade_to_decade()
    {
        AxisScale scale = AxisScale.Log("", 0.3, 40);
        Assert.Equal(["0.1", "1", "10", "100"], scale.Ticks.Select(static tick => tick.Label));
        Assert.Equal(1, scale.Position(10));
        Assert.Equal(scale.From, scale.Position(0));
        Assert.True(double.IsNaN(scale.Position(double.NaN)));
    }

    [Fact]
    public void Each_nine_has_as_much_room_as_the_one_before()
    {
        AxisScale scale = AxisScale.Percentiles(nines: 3);
        Assert.Equal(["0 %", "90 %", "99 %", "99.9 %"], scale.Ticks.Select(static tick => tick.Label));
        Assert.Equal(2, scale.Position(99), precision: 9);
        Assert.Equal(3, scale.Position(100));
    }
}
