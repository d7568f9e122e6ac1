using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>What arrived at the watchers of flips that are measured.</summary>
/// <param name="truth">Knows when a flip was meant to happen.</param>
/// <param name="latencies">From the moment a flip was meant to be sent to its receipt by one watcher.</param>
internal sealed class Deliveries(Truth truth, Latencies latencies)
{
    public long Count { get; private set; }

    /// <summary>Flips meant before this are warm-up.</summary>
    public TimeSpan MeasuredFrom { get; set; } = TimeSpan.MaxValue;

    /// <summary>A watcher was told something new.</summary>
    public void Add(int user, Status status, TimeSpan now)
    {
        if (truth.TryGetIntended(user, status, out TimeSpan intended) && intended >= MeasuredFrom)
        {
            Count++;
            latencies.Add(now - intended);
        }
    }
}
