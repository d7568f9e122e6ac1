namespace Presence.LoadClient.Pacing;

/// <summary>
/// When the n-th event of a steady rate is meant to happen, whatever became of those before. What is late is sent at once and measured from
/// the time it was meant for, so that a stalled server, or a stalled generator, cannot hide behind the events it kept from being sent.
/// </summary>
/// <param name="start">Of the first event.</param>
/// <param name="perSecond">The rate; 0: no event ever.</param>
internal sealed class OpenLoopPace(TimeSpan start, double perSecond)
{
    private long _taken;

    /// <summary>When the next event is meant to happen; null: never.</summary>
    public TimeSpan? Next => perSecond > 0 ? start + TimeSpan.FromSeconds(_taken / perSecond) : null;

    /// <summary>Takes the next event if its time has come.</summary>
    /// <param name="intended">When it was meant to happen; not after <paramref name="now"/>.</param>
    public bool TryTake(TimeSpan now, out TimeSpan intended)
    {
        intended = Next ?? TimeSpan.MaxValue;
        if (intended > now)
        {
            return false;
        }

        _taken++;
        return true;
    }
}
