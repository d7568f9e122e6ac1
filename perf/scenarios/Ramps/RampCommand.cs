using Presence.Scenarios.Results;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Ramps;

/// <summary>
/// <c>ramp1m</c>, <c>ramp10m</c>, <c>ramp100m</c>, and <c>growth</c>, which is all three. Options of <c>LoadClient ramp</c> may follow, such
/// as <c>--sessions 200K --hold 20s</c>: then nothing is written to the results, as it is another run. <c>--out DIR</c> is where pages go.
/// </summary>
internal static class RampCommand
{
    private const string GrowthName = "growth";
    private const string OutOption = "--out";

    public static IEnumerable<string> Names => [.. RampSetup.All.Select(static setup => setup.Name), GrowthName];

    public static bool IsOne(string[] args) => args is [var name, ..] && Names.Contains(name) && args.Length % 2 == 1;

    /// <returns>The exit code: 0 when every run was right.</returns>
    public static int Run(string[] args)
    {
        Dictionary<string, string> options = args.Skip(1).Chunk(2).ToDictionary(static pair => pair[0], static pair => pair[1]);
        string directory = options.Remove(OutOption, out string? given) ? given : Path.Combine(Repository.Root, "perf", "out");
        Directory.CreateDirectory(directory);
        RampSetup[] setups =
        [
            .. RampSetup.All.Where(setup => args[0] is GrowthName || args[0] == setup.Name).Select(setup => setup.With(options)),
        ];
        List<RampOutcome> outcomes = [.. setups.Select(setup => RampRun.Measure(setup, Path.Combine(directory, $"{setup.Name}.html")))];
        var provenance = Provenance.Current($"perf/run.sh {string.Join(' ', args)}");
        (string heading, string body) = args[0] is GrowthName
            ? (GrowthSection.Heading, GrowthSection.Render(outcomes, provenance))
            : (RampSection.Heading, RampSection.Render(setups[0], outcomes[0], provenance));
        Console.WriteLine(body);
        Console.Error.WriteLine($"Pages for a browser are in {directory}.");
        if (options.Count == 0 && args[0] is GrowthName or "ramp100m")
        {
            File.WriteAllText(ResultsFile.Path, Sections.Replace(File.ReadAllText(ResultsFile.Path), heading, body));
        }

        return outcomes.All(static outcome => outcome.IsRight) ? 0 : 1;
    }
}
