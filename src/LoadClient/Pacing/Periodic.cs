namespace Presence.LoadClient.Pacing;

/// <summary>Something small that is done again and again.</summary>
internal sealed class Periodic(TimeSpan period, Action action) : IDeadline
{
    public TimeSpan? OnDue(TimeSpan now)
    {
        action();
        return now + period;
    }
}
