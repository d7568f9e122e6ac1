using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Engine;

/// <summary>What <c>Micro links</c> measured: the engine alone, one shard on one thread, by that thread's processor time.</summary>
/// <param name="Users">Who are up.</param>
/// <param name="Rates">By name: in each round, millions a second of one core.</param>
/// <param name="LongestTurnMs">While the tables grew from a million users to all; milliseconds.</param>
internal sealed partial record EngineRun(long Users, ILookup<string, double> Rates, double LongestTurnMs)
{
    private const long MostUsers = 100_000_000;

    // Nothing falls due in the first.
    private const int Rounds = 4;

    // 76 bytes a user, what is left over when tables grow, and the lines of the limit; a machine that swaps measures its disk.
    private const double GiBNeeded = 14;

    /// <exception cref="InvalidOperationException">There is too little free memory, or the benchmark failed.</exception>
    public static EngineRun Measure()
    {
        if (FreeGiB() < GiBNeeded)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{MostUsers:N0} users need {GiBNeeded} GiB of free memory; there are {FreeGiB():0.0}."));
        }

        string program = Path.Combine(Repository.Root, "perf", "micro", "bin", "Release", "net10.0", "Micro.dll");
        string[] arguments = [program, "links", MostUsers.ToString(CultureInfo.InvariantCulture), Rounds.ToString(CultureInfo.InvariantCulture)];
        using Process micro = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string output = micro.StandardOutput.ReadToEnd();
        micro.WaitForExit();
        Console.Error.Write(output);
        return micro.ExitCode == 0
            ? new EngineRun(MostUsers, Rate().Matches(output).ToLookup(
                static match => match.Groups["name"].Value,
                static match => double.Parse(match.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture)),
                double.Parse(LongestTurn().Match(output).Groups["ms"].ValueSpan, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"Micro links ended with {micro.ExitCode}.");
    }

    private static double FreeGiB()
    {
        string line = File.ReadLines("/proc/meminfo").First(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / (1 << 20);
    }

    // "beats: 134217728 in 12.34 s, 10.9 M/s, 92 ns each"
    [GeneratedRegex(@"^(?<name>[\w :-]+): [1-9]\d* in [\d.]+ s, (?<rate>[\d.]+) M/s", RegexOptions.Multiline)]
    private static partial Regex Rate();

    // "longest turn while growing from a million: 29.3 ms"
    [GeneratedRegex(@"^longest turn while growing from a million: (?<ms>[\d.]+) ms", RegexOptions.Multiline)]
    private static partial Regex LongestTurn();
}
