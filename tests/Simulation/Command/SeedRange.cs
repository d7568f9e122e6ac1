namespace Presence.Simulation;

/// <summary>Runs many seeds, a few at a time, each on one thread.</summary>
internal static class SeedRange
{
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="jobs">At the same time.</param>
    /// <param name="ended">Called with each trial, one at a time, in no order; false stops after those that run.</param>
    /// <param name="planOf">What to run for a seed.</param>
    public static void Run(ulong first, int count, int jobs, Func<Trial, bool> ended, Func<ulong, Plan> planOf)
    {
        Lock gate = new();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = jobs }, (i, state) =>
        {
            Trial trial = Trial.Of(planOf(first + (ulong)i));
            lock (gate)
            {
                if (!ended(trial))
                {
                    state.Stop();
                }
            }
        });
    }
}
