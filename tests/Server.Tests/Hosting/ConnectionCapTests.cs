using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Hosting;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>Who is over the cap is turned away and counted, and whoever leaves makes room for one.</summary>
public sealed class ConnectionCapTests
{
    [Fact]
    public void Who_is_turned_away_is_counted()
    {
        var hits = new LimitHits();
        var cap = new ConnectionCap(2, hits, new Seldom(TimeProvider.System), NullLogger.Instance);
        Assert.True(cap.TryEnter());
        Assert.True(cap.TryEnter());
        Assert.False(cap.TryEnter());
        Assert.False(cap.TryEnter());
        Assert.Equal(2, hits.Of(LimitHits.Connections));
        cap.Leave();
        Assert.True(cap.TryEnter());
        Assert.Equal(2, hits.Of(LimitHits.Connections));
    }
}
