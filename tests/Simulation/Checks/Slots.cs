namespace Presence.Simulation;

/// <summary>Who was told by a process that stops in order when to come back is waited for by the next one: until its slot and h beyond it (P3).</summary>
internal sealed class Slots(World world)
{
    // A message waits for its turn.
    private const long TurnsMs = 100;

    private long _promisedUntilMs;
    private bool _isKept;

    /// <summary>A client that was here before has been told to come back in so many ms.</summary>
    public void Told(long slotMs) => _promisedUntilMs = Math.Max(_promisedUntilMs, world.Agenda.Now + slotMs + world.Plan.Settings.Options.HoldMs);

    /// <summary>The process has ended in order: it has left word.</summary>
    public void Stopped() => _isKept = true;

    /// <summary>The process is gone; if that was not in order, nobody knows what it has promised.</summary>
    public void Died() => (_promisedUntilMs, _isKept) = (_isKept ? _promisedUntilMs : 0, false);

    /// <summary>The next process accepts, and holds everybody for so long.</summary>
    public void CheckPromised(long heldForMs)
    {
        long shortMs = _promisedUntilMs - TurnsMs - world.Agenda.Now - Math.Max(heldForMs, world.Plan.Settings.RecoverForMs);
        if (shortMs > 0 && !world.Wall.HasStepped)
        {
            throw new ViolationException("P3", $"the process before has told somebody to come back {shortMs} ms later than this one waits for it");
        }
    }
}
