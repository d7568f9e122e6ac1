using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Transport;
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

    // A byte that is no frame makes one that waits for its Hello one that was told to leave: it must gain nothing by it.
    [Fact]
    public void At_the_cap_who_was_told_to_leave_makes_room_before_who_waits_for_its_Hello()
    {
        var time = new FakeTimeProvider();
        DeadlineQueue closing = Queue(time), handshakes = Queue(time);
        ConnectionCap cap = Cap(ofEach: 2, closing, handshakes);
        Assert.True(cap.TryEnter(1));
        Assert.True(cap.TryEnter(2));
        Stranger leaves = new(closing), waits = new(handshakes);
        Assert.False(cap.TryEnter(3));
        Assert.Equal((false, false), (leaves.IsGone, waits.IsGone));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cap.TryEnter(3));
        Assert.Equal((true, false), (leaves.IsGone, waits.IsGone));
        Assert.False(cap.TryEnter(3));
        Assert.True(waits.IsGone);
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

    private ConnectionCap Cap(int ofEach, DeadlineQueue? closing = null, DeadlineQueue? handshakes = null) =>
        new(2, new AddressCounts(ofEach, 2), _hits, new Seldom(TimeProvider.System), NullLogger.Instance) { Closing = closing, Handshakes = handshakes };

    private static DeadlineQueue Queue(TimeProvider time) =>
        new(new NodeClock(time), TimeSpan.FromSeconds(5), static connection => connection.Abort(), NullLogger.Instance);

    private sealed class Stranger : IExpected
    {
        public Stranger(DeadlineQueue queue) => queue.Add(this);

        public bool IsGone { get; private set; }

        public void HandshakeIsOver() => Abort();

        public void Abort() => IsGone = true;
    }
}
