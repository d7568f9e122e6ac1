using Presence.LoadClient.Fleets;

namespace Presence.LoadClient.Scenarios;

/// <summary>The beginning of a run: every generator brings its sessions up, one generator after another.</summary>
internal static class BringUp
{
    /// <summary>Twice as long as a server may tell a client to stay away.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <returns>How long it took.</returns>
    public static TimeSpan Run(RunContext context, IEnumerable<IGenerator> generators)
    {
        context.Enter("ramp");
        TimeSpan start = context.Loop.Now;
        foreach (IGenerator generator in generators)
        {
            generator.Open();
            context.RunUntil(() => generator.HasSettled, context.Loop.Now + _patience);
        }

        return context.Loop.Now - start;
    }
}
