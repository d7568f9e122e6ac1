using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>
/// Our server and what it stands beside, both up, measured by turns in slices of about a second: what else the machine does at the time
/// falls on both alike, and the ratio holds where the figures do not.
/// </summary>
internal static class Pair
{
    /// <param name="meter">Of our server.</param>
    /// <param name="slice">One turn of one load.</param>
    /// <param name="warmUp">Turns of each that do not count.</param>
    /// <param name="turns">Turns of each that do.</param>
    /// <returns>Where our server's processor time went, warm-up included.</returns>
    public static string Measure<TLoad>(TLoad ours, TLoad limit, ProcessMeter meter, int warmUp, int turns, Action<TLoad, bool> slice)
    {
        ThreadTimes before = meter.Threads;
        for (int turn = 0; turn < warmUp + turns; turn++)
        {
            slice(ours, turn >= warmUp);
            slice(limit, turn >= warmUp);
        }

        return meter.Threads.Since(before);
    }

    /// <summary>A line about both.</summary>
    public static Figure Compare<TLoad>(Line line, TLoad ours, TLoad limit, Func<TLoad, double> value, string profile) =>
        new(line, value(ours), value(limit), profile);
}
