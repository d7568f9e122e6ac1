using Presence.LoadClient.Links;

namespace Presence.LoadClient.Scenarios;

/// <summary>
/// The end of a ramp over links. Taken is not yet visible: a server that is behind with it still tells the links who came up. Who watches
/// comes when that is over, and is then told only of what is measured.
/// </summary>
internal static class Arrival
{
    /// <summary>When nothing was told for so long, what was before is done with.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(1);

    /// <summary>Every link asks to be told of all transitions, and those of the ramp come to an end.</summary>
    public static void WatchAll(RunContext context, LinkSet links, TimeSpan patience)
    {
        TimeSpan start = context.Loop.Now;
        links.WatchAll();
        context.RunUntil(() => links.Drivers.All(static driver => driver.SeesAll), start + patience);
        long told;
        do
        {
            told = links.Plan.Judge.Arrivals;
            context.RunUntil(context.Loop.Now + SettleTime);
        }
        while (links.Plan.Judge.Arrivals > told && context.Loop.Now < start + (2 * patience));
    }
}
