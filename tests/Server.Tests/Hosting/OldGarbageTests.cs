using Presence.Server.Hosting;
using Xunit;

namespace Presence.Server.Tests.Hosting;

public sealed class OldGarbageTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(15, 15, false)]
    [InlineData(18, 15, false)]
    [InlineData(19, 15, true)]
    [InlineData(540, 500, false)]
    [InlineData(550, 500, true)]
    [InlineData(10, 15, false)]
    public void It_is_collected_before_it_is_a_tenth_of_what_is_alive(long now, long kept, bool isTime) =>
        Assert.Equal(isTime, OldGarbage.IsTime(now * MiB, kept * MiB));
}
