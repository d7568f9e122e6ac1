using Presence.Scenarios.Ramps;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary>
/// <c>growth-sessions</c>, <c>growth-watchers</c>, <c>growth-watches</c>, <c>growth-shards</c>, and <c>growth</c>, which is all of them. Each
/// rewrites its own part of the results. Options are those of <see cref="RampCommand"/>, and are for the runs over gateway links.
/// </summary>
internal static class GrowthCommand
{
    private const string All = "growth";

    private static readonly string[] _names = ["growth-sessions", "growth-watchers", "growth-watches", "growth-shards"];

    public static IEnumerable<string> Names => [.. _names, All];

    public static bool IsOne(string[] args) => args is [var name, ..] && Names.Contains(name) && args.Length % 2 == 1;

    /// <returns>The exit code: 0 when all that was seen was right.</returns>
    public static int Run(string[] args)
    {
        var options = RampCommand.OptionsOf(args, out string pages);
        IGrowth[] growths = [new SessionsGrowth(pages, options), new WatchersGrowth(), new WatchesGrowth(), new ShardsGrowth(pages)];
        bool areRight = true;
        foreach (IGrowth growth in growths.Where(growth => args[0] is All || args[0] == growth.Name))
        {
            (string body, bool isRight) = growth.Measure(Provenance.Current($"perf/run.sh {string.Join(' ', args)}"));
            areRight &= isRight;
            Console.WriteLine(body);
            if (options.Count == 0)
            {
                ResultsFile.Replace(growth.Heading, body);
            }
        }

        return areRight ? 0 : 1;
    }
}
