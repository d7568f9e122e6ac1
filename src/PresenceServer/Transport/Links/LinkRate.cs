namespace Presence.Server.Transport.Links;

/// <summary>A rate over the last ten looks at a count.</summary>
internal sealed class LinkRate
{
    private const int Kept = 10;

    private readonly Lock _gate = new();
    private readonly Queue<(long AtMs, long Count)> _looks = new(Kept);

    public void Look(long atMs, long count)
    {
        lock (_gate)
        {
            if (_looks.Count == Kept)
            {
                _looks.Dequeue();
            }

            _looks.Enqueue((atMs, count));
        }
    }

    /// <summary>From the oldest look until now.</summary>
    public double PerSecond(long nowMs, long count)
    {
        lock (_gate)
        {
            return _looks.TryPeek(out (long AtMs, long Count) oldest) ? (count - oldest.Count) * 1_000.0 / Math.Max(1, nowMs - oldest.AtMs) : 0;
        }
    }
}
