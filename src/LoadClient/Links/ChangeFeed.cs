using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Links;

/// <summary>Hands the changes that are due to the links of their users.</summary>
internal sealed class ChangeFeed(ChangePlan plan, Population population)
{
    private OpenLoopPace? _pace;
    private TimeSpan _start;
    private TimeSpan _end;
    private double _perSecond;

    public ChangePlan Plan => plan;

    /// <summary>Changes handed out: those with lower numbers.</summary>
    public long Taken { get; private set; }

    /// <summary>By number of the link.</summary>
    public IReadOnlyList<LinkChanges> Links { get; set; } = [];

    /// <param name="perSecond">0: no changes.</param>
    public void Start(TimeSpan start, TimeSpan end, double perSecond)
    {
        (_start, _end, _perSecond) = (start, end, perSecond);
        _pace = new OpenLoopPace(start, perSecond);
    }

    /// <summary>When a change is meant to be sent.</summary>
    public TimeSpan DueAt(long number) => _start + TimeSpan.FromSeconds(number / _perSecond);

    /// <summary>How many of those handed out were due before a time.</summary>
    public long DueBefore(TimeSpan time) =>
        time <= _start ? 0 : Math.Min(Taken, (long)((time - _start).TotalSeconds * _perSecond));

    public void TakeDue(TimeSpan now)
    {
        while (_pace is not null && _pace.TryTake(now < _end ? now : _end, out _))
        {
            Change change = plan[Taken];
            Taken++;
            Links[population.LinkOf(change.User)].Add(change);
        }
    }
}
