namespace Presence.Server.Cluster;

/// <summary>Versions are stamps of the wall clock: a node that is ahead would take all others with it. Held against Redis's before each membership.</summary>
internal static class ClockRule
{
    /// <summary>Of Redis's clock.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromSeconds(5);

    /// <exception cref="ClockAheadException">The clock of this machine is too far ahead.</exception>
    public static async Task CheckAsync(Registry registry, TimeProvider time)
    {
        TimeSpan ahead = await registry.AheadByAsync(time);
        if (ahead > MostAhead)
        {
            throw new ClockAheadException(ahead, MostAhead);
        }
    }
}
