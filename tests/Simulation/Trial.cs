namespace Presence.Simulation;

/// <summary>A plan that was run, and what came of it.</summary>
/// <param name="Plan">What was run.</param>
/// <param name="Promise">What was broken; null when nothing was.</param>
/// <param name="What">How; empty when nothing was.</param>
/// <param name="AtMs">When it ended, since the beginning of the run.</param>
/// <param name="Compared">Users and watches that were held against the truth.</param>
/// <param name="Happened">Events of the run.</param>
/// <param name="Fingerprint">The same for the same run.</param>
/// <param name="Struck">Faults that struck, by <see cref="FaultKind"/>.</param>
internal sealed record Trial(Plan Plan, string? Promise, string What, long AtMs, long Compared, long Happened, ulong Fingerprint, IReadOnlyList<int> Struck)
{
    public bool IsBad => Promise is not null;

    /// <summary>Runs a plan to its end, or to the first promise that is broken.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="trace">Where to say what happens; null: nowhere.</param>
    public static Trial Of(Plan plan, TextWriter? trace = null)
    {
        var world = new World(plan, trace);
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

        return new(plan, promise, what, world.Agenda.Now - begin, world.Look.Compared, world.Agenda.Happened, world.Truth.Fingerprint, world.Faults.Struck);
    }
}
