namespace Presence.Simulation;

/// <summary>
/// One way of a connection: what is sent arrives late, in order, or not at all. Different connections know nothing of each other, so what one says can
/// overtake what another said before.
/// </summary>
internal sealed class Direction<T>(Agenda agenda, Func<long> latencyMs, Action<T> arrived)
{
    private readonly Queue<(long AtMs, T Item)> _flying = new();
    private long _lastAtMs;
    private long _stalledUntilMs;
    private bool _isDark;
    private bool _isHeld;

    public void Send(T item)
    {
        if (_isDark)
        {
            return;
        }

        _lastAtMs = Math.Max(_lastAtMs, agenda.Now + latencyMs());
        _flying.Enqueue((_lastAtMs, item));
        agenda.At(_lastAtMs, Arrive);
    }

    /// <summary>Carries nothing until then; what was sent meanwhile comes at once.</summary>
    public void StallUntil(long ms)
    {
        _stalledUntilMs = Math.Max(_stalledUntilMs, ms);
        agenda.At(_stalledUntilMs, Arrive);
    }

    /// <summary>The receiver does not take anything for the time being.</summary>
    public void Hold(bool isHeld)
    {
        _isHeld = isHeld;
        Arrive();
    }

    /// <summary>Whatever is under way or sent from now on is lost without a word.</summary>
    public void Darken()
    {
        _isDark = true;
        _flying.Clear();
    }

    /// <summary>What is under way is lost; what is sent next arrives.</summary>
    public void Reset() => _flying.Clear();

    private void Arrive()
    {
        while (!_isHeld && agenda.Now >= _stalledUntilMs && _flying.TryPeek(out (long AtMs, T Item) next) && next.AtMs <= agenda.Now)
        {
            _flying.Dequeue();
            arrived(next.Item);
        }
    }
}
