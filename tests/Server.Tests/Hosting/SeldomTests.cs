using Presence.Server.Hosting;
using Xunit;

namespace Presence.Server.Tests.Hosting;

public sealed class SeldomTests
{
    [Fact]
    public void It_is_time_once_a_pause()
    {
        var time = new SetTime();
        var seldom = new Seldom(time);
        Assert.True(seldom.IsTime());
        Assert.False(seldom.IsTime());
        time.Seconds = 9;
        Assert.False(seldom.IsTime());
        time.Seconds = 10;
        Assert.True(seldom.IsTime());
        Assert.False(seldom.IsTime());
    }

    private sealed class SetTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Seconds * 1_000;
    }
}
