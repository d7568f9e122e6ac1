namespace Presence.Simulation;

/// <summary>A plan of a cluster that was run, and what came of it; as <see cref="Trial"/>.</summary>
internal sealed record ClusterTrial(ClusterPlan Plan, string? Promise, string What, long AtMs, long Compared, long Happened, ulong Fingerprint, IReadOnlyList<int> Struck)
{
    public bool IsBad => Promise is not null;

    public static ClusterTrial Of(ClusterPlan plan, TextWriter? trace = null)
    {
        var world = new ClusterWorld(plan, trace);
        long begin = world.Agenda.Now;
        (string? promise, string what) = (null, "");
        try
        {
            world.Run();
        }
        catch (ViolationException violation)
        {
            (promise, what) = (violation.Promise, violation.Message);
        }
        catch (Exception e)
        {
            // Whatever the engine throws is a fault of it: the host would end the process.
            (promise, what) = ("engine", e.ToString());
        }

        return new(plan, promise, what, world.Agenda.Now - begin, world.Truth.Compared, world.Agenda.Happened, world.Truth.Fingerprint, world.Faults.Count);
    }
}
