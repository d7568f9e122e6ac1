namespace Presence.Simulation;

/// <summary>
/// Who keeps to a longer interval than d, and does not learn that its process is gone, notices when it speaks next: the next process holds everybody until then and 4δ
/// beyond (P3).
/// </summary>
internal sealed class LongIntervalCheck(World world)
{
    // By when all have spoken who were connected; on the monotonic clock.
    private long _speakByMs;

    /// <summary>The process is gone.</summary>
    public void Died()
    {
        foreach (TrueUser user in world.Truth.Users)
        {
            foreach (TrueDevice device in user.Devices)
            {
                _speakByMs = Math.Max(_speakByMs, device.Connection is { } connection ? connection.HeardMs + connection.Pace.Of(connection.HeardMs) : 0);
            }
        }
    }

    /// <summary>The next process accepts, and holds everybody for so long, or d + 4δ.</summary>
    public void CheckHeld(long heldForMs)
    {
        Settings settings = world.Plan.Settings;
        long shortMs = _speakByMs + (4 * settings.Options.ToleranceMs) - (world.Agenda.Now + Math.Max(heldForMs, settings.RecoverForMs));
        if (shortMs > 0)
        {
            throw new ViolationException("P3", $"somebody who keeps to its interval notices that it is not connected {shortMs} ms later than those of before are held");
        }
    }
}
