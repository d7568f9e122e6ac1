using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>
/// The heartbeats of a link's users: goes round the places once an interval, so the phase of a user is its place. Who is not named yet or
/// is down is left out.
/// </summary>
internal sealed class Heartbeats(GatewayLink gateway, LinkUsers users, LoadPlan plan)
{
    private PlacePace? _pace;

    public long Said { get; private set; }

    /// <summary>How late the next one is.</summary>
    public TimeSpan Behind(TimeSpan now) => _pace?.Behind(now) ?? TimeSpan.Zero;

    /// <param name="phase">0 … 1: where in the round to begin, so that links do not go in step.</param>
    public void Start(TimeSpan now, TimeSpan interval, double phase) => _pace ??= new PlacePace(
        users.Count, users.Count / interval.TotalSeconds, now, (long)(users.Count * phase), rounds: true);

    /// <param name="named">Places from here on are not beaten.</param>
    public void Say(TimeSpan now, long named)
    {
        if (_pace is null)
        {
            return;
        }

        plan.HeartbeatLateness.Add(_pace.Behind(now));
        while (gateway.HasRoomFor(gateway.MostIds) && _pace.TryTake(now, gateway.MostIds, out long place, out int count))
        {
            int filled = users.Fill(plan.Scratch.UserIds, place, (int)Math.Clamp(named - place, 0, count));
            if (filled > 0)
            {
                gateway.Say(SessionsVerb.Beat, plan.Scratch.UserIds.AsSpan(0, filled));
                Said += filled;
            }
        }
    }
}
