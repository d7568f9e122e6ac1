using Presence.LoadClient.Commands;
using Xunit;

namespace Presence.LoadClient.Tests;

public sealed class AmountsTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("250", 250)]
    [InlineData("12K", 12_000)]
    [InlineData("12k/s", 12_000)]
    [InlineData("1.5M", 1_500_000)]
    [InlineData("100M", 100_000_000)]
    [InlineData("1M/s", 1_000_000)]
    public void Amounts_are_read_as_people_type_them(string text, double amount)
    {
        Assert.True(Amounts.TryParse(text, out double read));
        Assert.Equal(amount, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("/s")]
    [InlineData("-1")]
    [InlineData("1e6")]
    [InlineData("12KK")]
    [InlineData("12 K")]
    public void What_is_no_amount_is_refused(string text) => Assert.False(Amounts.TryParse(text, out _));

    [Theory]
    [InlineData("16..1000", 16, 1_000)]
    [InlineData("100", 100, 100)]
    public void Ranges_have_one_end_or_two(string text, int least, int most)
    {
        Assert.True(Amounts.TryParseRange(text, out (int, int) range));
        Assert.Equal((least, most), range);
    }

    [Theory]
    [InlineData("")]
    [InlineData("16..")]
    [InlineData("16..20..30")]
    [InlineData("-1..5")]
    public void What_is_no_range_is_refused(string text) => Assert.False(Amounts.TryParseRange(text, out _));
}
