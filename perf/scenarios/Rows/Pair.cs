using Presence.Scenarios.Results;

namespace Presence.Scenarios.Rows;

/// <summary>
/// Our server and what it stands beside, both up, measured by turns in slices of about a second: what else the machine does at the time
/// falls on both alike, and the ratio holds where the figures do not.
/// </summary>
internal static class Pair
{
    /// <param name="slice">One turn of one load.</param>
    /// <param name="warmUp">Turns of each that do not count.</param>
    /// <param name="turns">Turns of each that do.</param>
    public static void Measure<TLoad>(TLoad ours, TLoad limit, int warmUp, int turns, Action<TLoad, bool> slice)
    {
        for (int turn = 0; turn < warmUp + turns; turn++)
        {
            slice(ours, turn >= warmUp);
            slice(limit, turn >= warmUp);
        }
    }

    /// <summary>A line about both.</summary>
    public static Figure Compare<TLoad>(Line line, TLoad ours, TLoad limit, Func<TLoad, double> value) =>
        new(line, value(ours), value(limit));
}
