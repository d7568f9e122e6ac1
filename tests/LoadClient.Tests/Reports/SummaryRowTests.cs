using Presence.LoadClient.Reports;
using Xunit;

namespace Presence.LoadClient.Tests.Reports;

public sealed class SummaryRowTests
{
    [Fact]
    public void Whole_numbers_are_in_groups_of_three_and_others_as_they_are_asked_for()
    {
        SummaryRow row = SummaryRow.Of("all", $"{100_000_000L} · {1_234} · {3_300_000.4:0} · {1_234.5:0.00} · {"a,b"} · {null}");

        Assert.Equal("100,000,000 · 1,234 · 3,300,000 · 1234.50 · a,b · ", row.Value);
    }
}
