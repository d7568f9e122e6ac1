namespace Presence.Engine.Tests;

public sealed class HandedCountsTests
{
    [Fact]
    public void The_last_so_many_are_remembered_and_since_when_that_is_all()
    {
        using var counts = new HandedCounts(begunMs: 7);
        counts.Add(new(1, Version(100), 3, 0));
        for (long ms = 101; ms < 100 + HandedCounts.Capacity; ms++)
        {
            counts.Add(new(2, Version(ms), 1, 0));
        }

        Assert.Equal(7, counts.SinceMs);
        Assert.Equal([new HandedCount(1, Version(100), 3, 0)], counts.Of(1));

        counts.Add(new(3, Version(1_000_000), 2, 1));
        Assert.Equal(101, counts.SinceMs);
        Assert.Empty(counts.Of(1));
        Assert.Equal(HandedCounts.Capacity - 1, counts.Of(2).Count);
        Assert.Equal([new HandedCount(3, Version(1_000_000), 2, 1)], counts.Of(3));
    }

    private static ulong Version(long ms) => (ulong)ms << 16;
}
