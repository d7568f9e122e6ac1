using Presence.Scenarios.Results;

namespace Presence.Scenarios.Recoveries;

/// <summary><c>recovery10m</c>, <c>recovery100m</c>: a server starts on so many records, and is asked from the first moment on.</summary>
internal static class RecoveryCommand
{
    public static IEnumerable<string> Names => RecoverySetup.All.Select(static setup => setup.Name);

    public static bool IsOne(string[] args) => args is [var name] && Names.Contains(name);

    /// <returns>The exit code: 0 when all that was answered was right.</returns>
    public static int Run(string[] args)
    {
        RecoverySetup setup = RecoverySetup.All.Single(setup => setup.Name == args[0]);
        RecoveryOutcome outcome = RecoveryRun.Measure(setup);
        string body = RecoverySection.Render(setup, outcome, Provenance.Current($"perf/run.sh {setup.Name}"));
        Console.WriteLine(body);
        ResultsFile.Replace(RecoverySection.HeadingOf(setup), body);
        return outcome.Wrong == 0 ? 0 : 1;
    }
}
