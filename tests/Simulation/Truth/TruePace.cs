namespace Presence.Simulation;

/// <summary>
/// How often a client must speak. A new interval travels in answers to heartbeats alone: until the first frame behind one nobody knows whether it was heard, and the
/// longer of both counts. Times on the monotonic clock.
/// </summary>
/// <param name="intervalMs">What Welcome says.</param>
internal sealed class TruePace(long intervalMs)
{
    private long _beforeMs = intervalMs;
    private long _toldAtMs = -1;

    /// <summary>What it was told last.</summary>
    public long ToldMs { get; private set; } = intervalMs;

    /// <param name="toldMs">Said now.</param>
    /// <param name="heardMs">When it was heard last.</param>
    /// <param name="monoMs">Now.</param>
    public void Tell(long toldMs, long heardMs, long monoMs)
    {
        if (toldMs != ToldMs)
        {
            (_beforeMs, ToldMs, _toldAtMs) = (Of(heardMs), toldMs, monoMs);
        }
    }

    /// <summary>The interval that counts for one who was heard then.</summary>
    public long Of(long heardMs) => heardMs <= _toldAtMs ? Math.Max(ToldMs, _beforeMs) : ToldMs;

    /// <summary>When the interval that counts may become a shorter one, at the earliest.</summary>
    /// <param name="heardMs">When it was heard last.</param>
    public long ShorterFromMs(long heardMs) => Of(heardMs) > ToldMs ? _toldAtMs : long.MaxValue;
}
