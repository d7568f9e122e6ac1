using System.Globalization;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Recoveries;

/// <summary>
/// <c>recovery10m</c>, <c>recovery100m</c>: a server starts on so many records, and is asked from the first moment on. Another number of users makes it another
/// run, which rewrites nothing.
/// </summary>
internal static class RecoveryCommand
{
    public static IEnumerable<string> Names => RecoverySetup.All.Select(static setup => setup.Name);

    public static bool IsOne(string[] args) =>
        args.Length is 1 or 2 && Names.Contains(args[0]) && (args.Length == 1 || (long.TryParse(args[1], out long users) && users > 0));

    /// <returns>The exit code: 0 when all that was answered was right.</returns>
    public static int Run(string[] args)
    {
        RecoverySetup setup = RecoverySetup.All.Single(setup => setup.Name == args[0]);
        setup = args is [_, var users] ? setup with { Users = long.Parse(users, CultureInfo.InvariantCulture) } : setup;
        RecoveryOutcome outcome = RecoveryRun.Measure(setup);
        string body = RecoverySection.Render(setup, outcome, Provenance.Current($"perf/run.sh {string.Join(' ', args)}"));
        Console.WriteLine(body);
        if (args.Length == 1)
        {
            ResultsFile.Replace(RecoverySection.HeadingOf(setup), body);
        }

        return outcome.Wrong == 0 ? 0 : 1;
    }
}
