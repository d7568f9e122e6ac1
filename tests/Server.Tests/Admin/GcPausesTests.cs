using Presence.Server.Admin;
using Xunit;

namespace Presence.Server.Tests.Admin;

/// <summary>The longest of the collections is one of them, and none passes unseen.</summary>
public class GcPausesTests
{
    [Fact]
    public void Each_collection_is_looked_at_by_itself()
    {
        TimeSpan before = GC.GetTotalPauseDuration();
        var pauses = new GcPauses();
        Collect();
        Collect();
        TimeSpan all = GC.GetTotalPauseDuration() - before;
        Assert.InRange(pauses.Longest, TimeSpan.FromTicks(1), all - TimeSpan.FromTicks(1));
    }

    [Fact]
    public void A_collection_is_counted_before_its_finalizers_have_run()
    {
        var pauses = new GcPauses();
        TimeSpan before = GC.GetTotalPauseDuration();
        GC.Collect(0);
        TimeSpan pause = GC.GetTotalPauseDuration() - before;
        Assert.True(pauses.Longest > TimeSpan.Zero && pause > TimeSpan.Zero);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
