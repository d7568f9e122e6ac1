using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Rows;

/// <summary>How many events a subject handled with how much CPU time.</summary>
internal sealed class CpuCost(ProcessMeter meter)
{
    private TimeSpan _used;
    private long _events;

    public double EventsPerSecond => _events / _used.TotalSeconds;

    /// <summary>Runs a part of a load.</summary>
    /// <param name="counts">False: it is warm-up.</param>
    /// <param name="part">Returns how many events the subject handled in it.</param>
    public void Add(bool counts, Func<long> part)
    {
        TimeSpan before = meter.CpuTime;
        long events = part();
        if (counts)
        {
            _used += meter.CpuTime - before;
            _events += events;
        }
    }
}
