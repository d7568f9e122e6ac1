using System.Net;
using Presence.Server.Configuration;
using Xunit;

namespace Presence.Server.Tests.Configuration;

public sealed class SettingTypeTests
{
    [Theory]
    [InlineData("1048576", 1048576, "1MiB")]
    [InlineData("10GB", 10_000_000_000, "10GB")]
    [InlineData("10 GB", 10_000_000_000, "10GB")]
    [InlineData("4GiB", 4L << 30, "4GiB")]
    [InlineData("1536kib", 1536 << 10, "1536KiB")]
    [InlineData("17B", 17, "17")]
    [InlineData("0", 0, "0")]
    public void Sizes(string text, long bytes, string shown)
    {
        Assert.Equal(bytes, ByteSize.Parse(text).Bytes);
        Assert.Equal(shown, ByteSize.Parse(text).ToString());
        Assert.Equal(bytes, ByteSize.Parse(shown).Bytes);
    }

    [Theory]
    [InlineData("5/30s", 5, 30_000)]
    [InlineData("100/500ms", 100, 500)]
    [InlineData("1/2m", 1, 120_000)]
    [InlineData("9/1h", 9, 3_600_000)]
    [InlineData("0", 0, 0)]
    public void Rates(string text, int count, int milliseconds)
    {
        Rate rate = Rate.Parse(text);

        Assert.Equal(new Rate(count, TimeSpan.FromMilliseconds(milliseconds)), rate);
        Assert.Equal(text, rate.ToString());
        Assert.Equal(count == 0, rate.IsOff);
    }

    [Theory]
    [InlineData(":8080", "::", 8080, ":8080")]
    [InlineData("*:8080", "::", 8080, ":8080")]
    [InlineData("0.0.0.0:7001", "0.0.0.0", 7001, "0.0.0.0:7001")]
    [InlineData("localhost:1", "127.0.0.1", 1, "127.0.0.1:1")]
    [InlineData("[::1]:0", "::1", 0, "[::1]:0")]
    public void Listen_addresses(string text, string address, int port, string shown)
    {
        ListenAddress listen = ListenAddress.Parse(text);

        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), listen.EndPoint);
        Assert.Equal(shown, listen.ToString());
        Assert.False(listen.IsOff);
    }

    [Fact]
    public void Off_is_no_address()
    {
        Assert.True(ListenAddress.Parse("OFF").IsOff);
        Assert.Throws<InvalidOperationException>(() => ListenAddress.Off.EndPoint);
        Assert.False(ListenAddress.Off.Overlaps(ListenAddress.Off));
    }
}
