namespace Presence.Simulation;

/// <summary>The wall clock of the server's machine: goes with the agenda until somebody sets it.</summary>
internal sealed class WallClock(Agenda agenda)
{
    private long _ahead = 1_790_000_000_000 - agenda.Now;

    /// <summary>Unix ms.</summary>
    public long Now => agenda.Now + _ahead;

    public bool HasStepped { get; private set; }

    public void Step(long ms)
    {
        _ahead += ms;
        HasStepped = true;
    }
}
