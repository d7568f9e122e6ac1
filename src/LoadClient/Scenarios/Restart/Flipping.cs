using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Scenarios.Restart;

/// <summary>Status changes at a steady rate, from <see cref="Start"/> until the server is lost.</summary>
internal sealed class Flipping(RestartOptions options, RunContext context, RestartFleet users, Truth truth, RestartJudge judge) : IDeadline
{
    private readonly FlipOrder _order = new(options.Connections, context.Random);
    private FlipPacer? _pacer;
    private long _sentBefore;

    public long Sent => _sentBefore + (_pacer?.Sent ?? 0);

    public void Start()
    {
        _sentBefore = Sent;
        TimeSpan now = context.Loop.Now;
        var pace = new OpenLoopPace(now, options.FlipsPerSecond);
        _pacer = new FlipPacer(pace, _order, users.Fleet.Sessions, users.Watchers, truth, TimeSpan.MaxValue);
        context.Loop.Schedule(this, now);
    }

    public TimeSpan? OnDue(TimeSpan now) => judge.LostAt is null ? _pacer!.OnDue(now) : null;
}
