using Presence.LoadClient.Measuring;
using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>
/// The heartbeats of a link's users: goes round the places once an interval, so the phase of a user is its place. Who is not named yet or is
/// down is left out.
/// </summary>
internal sealed class Heartbeats(GatewayLink gateway, LinkUsers users, LinkScratch scratch)
{
    private PlacePace? _pace;

    public long Said { get; private set; }

    /// <summary>How far behind their time the heartbeats were that were due at each look.</summary>
    public Latencies Lateness { get; } = new();

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

        Lateness.Add(_pace.Behind(now));
        while (gateway.HasRoomFor(LinkScratch.Ids) && _pace.TryTake(now, LinkScratch.Ids, out long place, out int count))
        {
            int filled = users.Fill(scratch.UserIds, place, (int)Math.Clamp(named - place, 0, count));
            if (filled > 0)
            {
                gateway.Say(SessionsVerb.Beat, scratch.UserIds.AsSpan(0, filled));
                Said += filled;
            }
        }
    }
}
