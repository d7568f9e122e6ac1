namespace Presence.Simulation;

/// <summary>
/// One way of a connection: what is sent arrives late, in order, or not at all. Different connections know nothing of each other, so what one says can
/// overtake what another said before.
/// </summary>
internal sealed class Direction<T>
{
    private readonly Queue<(long AtMs, T Item)> _flying = new();
    private readonly Agenda _agenda;
    private readonly Func<long> _latencyMs;
    private readonly Action<T> _arrived;
    private readonly Action _arrive;
    private long _lastAtMs;
    private long _stalledUntilMs;
    private bool _isDark;
    private bool _isHeld;

    public Direction(Agenda agenda, Func<long> latencyMs, Action<T> arrived)
    {
        (_agenda, _latencyMs, _arrived) = (agenda, latencyMs, arrived);
        _arrive = Arrive;
    }

    public void Send(T item)
    {
        if (_isDark)
        {
            return;
        }

        _lastAtMs = Math.Max(_lastAtMs, _agenda.Now + _latencyMs());
        _flying.Enqueue((_lastAtMs, item));
        _agenda.At(_lastAtMs, _arrive);
    }

    /// <summary>Carries nothing until then; what was sent meanwhile comes at once.</summary>
    public void StallUntil(long ms)
    {
        _stalledUntilMs = Math.Max(_stalledUntilMs, ms);
        _agenda.At(_stalledUntilMs, _arrive);
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
        while (!_isHeld && _agenda.Now >= _stalledUntilMs && _flying.TryPeek(out (long AtMs, T Item) next) && next.AtMs <= _agenda.Now)
        {
            _flying.Dequeue();
            _arrived(next.Item);
        }
    }
}
