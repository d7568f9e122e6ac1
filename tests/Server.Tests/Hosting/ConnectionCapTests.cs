using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Hosting;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>Who is over the cap is turned away and counted, and whoever leaves makes room for one.</summary>
public sealed class ConnectionCapTests
{
    private readonly LimitHits _hits = new();

    [Fact]
    public void Who_is_turned_away_is_counted()
    {
        ConnectionCap cap = Cap(ofEach: 2);
        Assert.True(cap.TryEnter(1));
        Assert.True(cap.TryEnter(2));
        Assert.False(cap.TryEnter(3));
        Assert.False(cap.TryEnter(4));
        Assert.Equal(2, _hits.Of(LimitHits.Connections));
        cap.Leave(1);
        Assert.True(cap.TryEnter(3));
        Assert.Equal(2, _hits.Of(LimitHits.Connections));
    }

    [Fact]
    public void One_address_leaves_room_for_others()
    {
        ConnectionCap cap = Cap(ofEach: 1);
        Assert.True(cap.TryEnter(1));
        Assert.False(cap.TryEnter(1));
        Assert.True(cap.TryEnter(2));
        cap.Leave(1);
        Assert.True(cap.TryEnter(1));
        Assert.Equal((1, 0), (_hits.Of(LimitHits.AddressConnections), _hits.Of(LimitHits.Connections)));
    }

    [Fact]
    public void Once_it_is_closed_nobody_enters_and_that_is_no_limit()
    {
        ConnectionCap cap = Cap(ofEach: 2);
        Assert.True(cap.TryEnter(1));
        cap.Close();
        Assert.False(cap.TryEnter(1));
        cap.Leave(1);
        Assert.Equal(0, _hits.Of(LimitHits.Connections));
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Of_IPv6_a_customer_is_one_address(string one, string other, bool same) =>
        Assert.Equal(same, KeyOf(one) == KeyOf(other));

    private static ulong KeyOf(string address) => AddressCounts.KeyOf(new IPEndPoint(IPAddress.Parse(address), 1));

    private ConnectionCap Cap(int ofEach) => new(2, new AddressCounts(ofEach, 2), _hits, new Seldom(TimeProvider.System), NullLogger.Instance);
}
