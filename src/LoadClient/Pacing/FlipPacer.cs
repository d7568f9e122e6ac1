using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Pacing;

/// <summary>Lets users flip at a steady rate until a time.</summary>
/// <param name="watchers">How many watch each user.</param>
/// <param name="sent">Told of each flip: the user, the request that its Ack will name, and when it was meant to be sent.</param>
internal sealed class FlipPacer(
    OpenLoopPace pace, FlipOrder order, IReadOnlyList<Session> sessions, IReadOnlyList<int> watchers, Truth truth, TimeSpan until,
    Action<int, ulong, TimeSpan>? sent = null) : IDeadline
{
    /// <summary>Flips sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Deliveries, if every watcher is told of every flip; a later flip may overtake an earlier one.</summary>
    public long Expected { get; private set; }

    /// <summary>Flips of users whose session is not up.</summary>
    public long Left { get; private set; }

    /// <summary>How far behind its time a flip was sent: the generator's own share of the latencies.</summary>
    public Latencies Lateness { get; } = new();

    public TimeSpan? OnDue(TimeSpan now)
    {
        while (pace.TryTake(now < until ? now : until, out TimeSpan intended))
        {
            Flip(order.Next(), intended, now);
        }

        return now < until ? pace.Next : null;
    }

    private void Flip(int user, TimeSpan intended, TimeSpan now)
    {
        if (!sessions[user].IsUp)
        {
            Left++;
            return;
        }

        ulong request = sessions[user].SetStatus(truth.Flip(user, intended));
        sent?.Invoke(user, request, intended);
        Sent++;
        Expected += watchers[user];
        Lateness.Add(now - intended);
    }
}
