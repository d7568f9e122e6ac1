namespace Presence.Simulation;

/// <summary>Simulated time and what happens in it, in milliseconds. What is due at the same time happens in the order in which it was asked for.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, Moment> _due = new();
    private long _asked;

    /// <summary>The monotonic clock of everybody; its origin means nothing, and 0 would hide mistakes.</summary>
    public long Now { get; private set; } = 5_000_000;

    /// <summary>What has happened so far.</summary>
    public long Happened { get; private set; }

    public void At(long ms, Action act) => _due.Enqueue(act, new(Math.Max(ms, Now), _asked++));

    public void In(long ms, Action act) => At(Now + ms, act);

    /// <summary>Lets time pass; what is due after <paramref name="endMs"/> stays.</summary>
    public void RunUntil(long endMs)
    {
        while (_due.TryPeek(out Action? act, out Moment moment) && moment.Ms <= endMs)
        {
            _due.Dequeue();
            Now = moment.Ms;
            Happened++;
            act();
        }

        Now = endMs;
    }

    private readonly record struct Moment(long Ms, long Order) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => Ms != other.Ms ? Ms.CompareTo(other.Ms) : Order.CompareTo(other.Order);
    }
}
