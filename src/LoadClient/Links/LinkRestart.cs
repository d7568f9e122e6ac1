using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Links;

/// <summary>One link loses its connection at a time, and comes back within the hold.</summary>
/// <param name="forgets">
/// True: as a gateway that was started anew. The server has kept the set and says so; the gateway takes up the server's number and names
/// its set again, from what its own clients tell it.
/// </param>
internal sealed class LinkRestart(LinkDriver driver, TimeSpan away, bool forgets) : IDeadline
{
    public bool Forgets => forgets;

    public int Link => driver.Number;

    public TimeSpan Away => away;

    /// <summary>It has happened.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The server had kept the set.</summary>
    public bool IsResumed => IsDone && driver.Resumed > 0;

    public TimeSpan? OnDue(TimeSpan now)
    {
        IsDone = true;
        driver.Gateway.Drop(away, forgets);
        return null;
    }
}
