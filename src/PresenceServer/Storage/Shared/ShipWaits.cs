using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Those who wait until the journal is shipped up to a place: hundreds at a time, all told by the thread that has shipped it. Any thread.
/// </summary>
internal sealed class ShipWaits : IDisposable
{
    // How often it is looked whether somebody has waited for too long; only while somebody waits.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly List<Wait> _waiting = [];
    private JournalPosition? _shipped;
    private bool _isAway;
    private bool _isLooking;

    public ShipWaits(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static waits => ((ShipWaits)waits!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for a place.</summary>
    /// <param name="place">Where.</param>
    /// <param name="patience">How long.</param>
    /// <param name="answer">Called once: true when all in front of the place is shipped, false once it is known that it cannot be now, or was not in time. Neither throws nor blocks.</param>
    public void Until(in JournalPosition place, TimeSpan patience, Action<bool> answer)
    {
        bool isShipped;
        lock (_gate)
        {
            isShipped = _shipped is { } shipped && !shipped.IsBefore(place);
            if (!isShipped && !_isAway)
            {
                _waiting.Add(new(place, _time.GetTimestamp() + (long)(patience.TotalSeconds * _time.TimestampFrequency), answer));
                LookLater();
                return;
            }
        }

        answer(isShipped);
    }

    /// <summary>All in front of the place is shipped. It may lie in front of one that was: Redis has lost what it had.</summary>
    public void Shipped(in JournalPosition place)
    {
        JournalPosition shipped = place;
        Answer(true, wait => !shipped.IsBefore(wait.Place), () => (_shipped, _isAway) = (shipped, false));
    }

    /// <summary>Nothing can be shipped for now.</summary>
    public void Away() => Answer(false, static _ => true, () => (_shipped, _isAway) = (null, true));

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long now = _time.GetTimestamp();
        Answer(false, wait => wait.Until <= now, () => _isLooking = false);
        lock (_gate)
        {
            LookLater();
        }
    }

    private void LookLater()
    {
        if (!_isLooking && _waiting.Count > 0)
        {
            _isLooking = true;
            _timer.Change(s_look, Timeout.InfiniteTimeSpan);
        }
    }

    private void Answer(bool isShipped, Func<Wait, bool> isOver, Action first)
    {
        List<Wait> over = [];
        lock (_gate)
        {
            first();
            over.AddRange(_waiting.Where(isOver));
            _waiting.RemoveAll(wait => isOver(wait));
        }

        over.ForEach(wait => Tell(wait, isShipped));
    }

    private static void Tell(in Wait wait, bool isShipped)
    {
        try
        {
            wait.Answer(isShipped);
        }
        catch (Exception)
        {
            // It was not to throw: the others are told all the same.
        }
    }

    private readonly record struct Wait(JournalPosition Place, long Until, Action<bool> Answer);
}
