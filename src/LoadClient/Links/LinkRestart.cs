using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Links;

/// <summary>One link loses its connection at a time, and comes back within the hold.</summary>
/// <param name="forgets">
/// True: as a gateway that was started anew and names its set again, from what its own clients tell it; nobody may see that. False: it goes
/// on where it was, and says again what the server had not taken.
/// </param>
internal sealed class LinkRestart(LinkDriver driver, TimeSpan away, bool forgets) : IDeadline
{
    private int _resumedBefore;

    public bool Forgets => forgets;

    public int Link => driver.Number;

    public TimeSpan Away => away;

    /// <summary>The server had kept the set and the gateway went on with it.</summary>
    public bool IsResumed => driver.Resumed > _resumedBefore;

    // What a gateway forgets that the server had not taken, nobody will ever see: it says nothing more before it goes.
    public TimeSpan? OnDue(TimeSpan now)
    {
        driver.Changes.AreHeldBack = forgets;
        if (forgets && !driver.Changes.AreTaken)
        {
            return now + LinkDriver.Tick;
        }

        driver.Changes.AreHeldBack = false;
        _resumedBefore = driver.Resumed;
        driver.Gateway.Drop(away, forgets);
        return null;
    }
}
