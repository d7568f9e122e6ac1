using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Ramps;

/// <summary>
/// <c>ramp1m</c>, <c>ramp10m</c>, <c>ramp100m</c>. Options of <c>LoadClient ramp</c> may follow, such as <c>--sessions 200K --hold 20s</c>:
/// then nothing is written to the results, as it is another run. <c>--out DIR</c> is where pages go.
/// </summary>
internal static class RampCommand
{
    private const string OutOption = "--out";

    public static IEnumerable<string> Names => RampSetup.All.Select(static setup => setup.Name);

    public static bool IsOne(string[] args) => args is [var name, ..] && Names.Contains(name) && args.Length % 2 == 1;

    /// <returns>The exit code: 0 when the run was right.</returns>
    public static int Run(string[] args)
    {
        Dictionary<string, string> options = OptionsOf(args, out string pages);
        RampSetup setup = RampSetup.All.Single(setup => setup.Name == args[0]).With(options);
        RampOutcome outcome = RampRun.Measure(setup, Path.Combine(pages, $"{setup.Name}.html"));
        string body = RampSection.Render(setup, outcome, Provenance.Current($"perf/run.sh {string.Join(' ', args)}"));
        Console.WriteLine(body);
        if (options.Count == 0 && args[0] is "ramp100m")
        {
            ResultsFile.Replace(RampSection.Heading, body);
        }

        return outcome.IsRight ? 0 : 1;
    }

    /// <param name="args">A name, then options, each with its value.</param>
    /// <param name="pages">Where pages for a browser go; it exists.</param>
    /// <returns>Options of the generator by name.</returns>
    public static Dictionary<string, string> OptionsOf(string[] args, out string pages)
    {
        Dictionary<string, string> options = args.Skip(1).Chunk(2).ToDictionary(static pair => pair[0], static pair => pair[1]);
        pages = options.Remove(OutOption, out string? given) ? given : Path.Combine(Repository.Root, "perf", "out");
        Directory.CreateDirectory(pages);
        Console.Error.WriteLine($"Pages for a browser go to {pages}.");
        return options;
    }
}
