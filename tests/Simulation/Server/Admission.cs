using Presence.Server.Transport.Admission;

namespace Presence.Simulation;

/// <summary>Whom one process lets in now, by the server's own schedule; who comes beside it is given a slot.</summary>
internal sealed class Admission
{
    private readonly SlotSchedule? _schedule;
    private readonly Agenda _agenda;

    public Admission(Settings settings, Agenda agenda)
    {
        _agenda = agenda;
        if (settings.LetInMs > 0)
        {
            TimeSpan each = TimeSpan.FromMilliseconds((double)settings.LetInMs / settings.Clients);
            TimeSpan burst = TimeSpan.FromSeconds(Math.Max(1, each.TotalSeconds));
            _schedule = new SlotSchedule(1 / each.TotalSeconds, burst, TimeSpan.FromMilliseconds(settings.LatestSlotMs));
        }
    }

    /// <summary>How long from now on somebody has been told to stay away, at the most; negative when that is over.</summary>
    public long LastSlotMs => _schedule is { } schedule ? Ms(schedule.LastSlot) - _agenda.Now : 0;

    /// <summary>A device asks to come in.</summary>
    /// <returns>Zero: it may. Else in how many ms it is to come again.</returns>
    public uint Enter(ulong deviceKey) => _schedule is { } schedule ? (uint)Ms(schedule.Enter(deviceKey, TimeSpan.FromMilliseconds(_agenda.Now))) : 0;

    // Not before it.
    private static long Ms(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);
}
