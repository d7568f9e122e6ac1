using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>What the direct watchers are told, held against the plan.</summary>
/// <param name="latencies">From the moment a change was meant to be said by its gateway to its receipt by a direct watcher.</param>
internal sealed class WatcherCheck(LoadPlan plan, Latencies latencies) : IFleetEvents
{
    /// <summary>How many wrong views are named.</summary>
    private const int Named = 5;

    /// <summary>Changes that watchers were told of.</summary>
    public long Deliveries { get; private set; }

    public void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
        TimeSpan now = plan.Loop.Now;
        if (!isNews || !plan.Population.TryFind(entry.UserId, out long user))
        {
            return;
        }

        if (!plan.Truth.TryExplain(user, entry.Status, now, out UserChanges changes, out long count))
        {
            plan.Judge.Add("a watcher was told", user, entry.Status);
        }
        else if (count > 0)
        {
            Deliveries++;
            latencies.Add(now - plan.Truth.IntendedAt(user, changes.NumberOf(count)));
        }
    }

    /// <summary>At the end: every view of a watcher that is up.</summary>
    public Comparison Compare(IEnumerable<Session> watchers)
    {
        long compared = 0, wrong = 0;
        List<WrongView> first = [];
        foreach (Session watcher in watchers.Where(static watcher => watcher.IsUp))
        {
            for (int n = 0; n < watcher.View.Watched.Length; n++)
            {
                SeenEntry seen = watcher.View[n];
                plan.Population.TryFind(seen.UserId, out long user);
                Status truth = plan.Truth.StatusOf(user);
                compared++;
                if (seen.Status == truth)
                {
                    continue;
                }

                wrong++;
                if (first.Count < Named)
                {
                    first.Add(new WrongView(watcher.UserId, seen.UserId, $"{seen.Status}", $"{truth}"));
                }
            }
        }

        return new Comparison(compared, wrong, first);
    }
}
