namespace Presence.Simulation;

/// <summary>The wall clock of the server's machine: goes with the agenda until somebody sets it.</summary>
internal sealed class WallClock(Agenda agenda)
{
    private long _ahead = 1_790_000_000_000 - agenda.Now;

    /// <summary>Unix ms.</summary>
    public long Now => agenda.Now + _ahead;

    /// <summary>The highest Unix ms it has shown.</summary>
    public long Highest { get; private set; }

    /// <summary>When it was set last, on the agenda's clock; very long ago if never.</summary>
    public long SteppedAt { get; private set; } = long.MinValue / 2;

    public bool HasStepped => SteppedAt > long.MinValue / 2;

    public void Step(long ms)
    {
        Highest = Math.Max(Highest, Now);
        _ahead += ms;
        SteppedAt = agenda.Now;
    }
}
