using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Scenarios;

/// <summary>The status changes of a run: some to warm up, then those that are measured, at one steady rate.</summary>
/// <param name="sessions">Of the users that flip, by their number.</param>
/// <param name="watchers">How many watch each of them.</param>
/// <param name="sent">As <see cref="FlipPacer"/> has it.</param>
internal sealed class FlipRun(
    RunContext context,
    double perSecond,
    IReadOnlyList<Session> sessions,
    IReadOnlyList<int> watchers,
    Truth truth,
    Action<int, ulong, TimeSpan>? sent = null)
{
    /// <summary>Until code is compiled and caches are warm.</summary>
    private static readonly TimeSpan _warmUpTime = TimeSpan.FromSeconds(2);

    private readonly FlipOrder _order = new(sessions.Count, context.Random);
    private FlipPacer? _latest;
    private long _sentBefore;

    /// <summary>With those of the warm-up.</summary>
    public long Sent => _sentBefore + (_latest?.Sent ?? 0);

    /// <summary>The measured ones.</summary>
    /// <exception cref="InvalidOperationException">Nothing has been measured yet.</exception>
    public FlipPacer Measured => _latest ?? throw new InvalidOperationException("Measure was not called.");

    public void WarmUp() => Run("warm-up", _warmUpTime);

    /// <returns>How long it took.</returns>
    public TimeSpan Measure() => Measure("measure", context.Target.Duration);

    /// <summary>A part of what is measured; <see cref="Measured"/> is of it alone.</summary>
    /// <param name="phase">A word for it.</param>
    /// <returns>How long it took.</returns>
    public TimeSpan Measure(string phase, TimeSpan duration) => Run(phase, duration);

    private TimeSpan Run(string phase, TimeSpan duration)
    {
        context.Enter(phase);
        TimeSpan start = context.Loop.Now, end = start + duration;
        _sentBefore = Sent;
        _latest = new FlipPacer(new OpenLoopPace(start, perSecond), _order, sessions, watchers, truth, end, sent);
        context.Loop.Schedule(_latest, start);
        context.RunUntil(end);
        _latest.OnDue(context.Loop.Now);
        return context.Loop.Now - start;
    }
}
