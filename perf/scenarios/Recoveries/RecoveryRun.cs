using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Recoveries;

/// <summary>Makes a data directory, measures the limit on it, then a server that starts on it.</summary>
internal static partial class RecoveryRun
{
    private const int Seed = 7;
    private const int IdsPerQuestion = 16;
    private const int SampleQuestions = 64;

    // Looked at as often as an operator's probe might, seldom enough to be no load.
    private const int QuestionsPerLook = 10;
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    public static RecoveryOutcome Measure(RecoverySetup setup)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"presence-perf-{Guid.NewGuid():N}");
        try
        {
            Records("make", directory, setup.Users, setup.MemoryBudget);
            // The second finds all in the page cache, as the server does.
            Records("read", directory);
            Match limit = ReadLine().Match(Records("read", directory));
            var limitTime = TimeSpan.FromSeconds(double.Parse(limit.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture));
            long bytes = long.Parse(limit.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture);
            return Start(setup, directory) with { Limit = limitTime, DiskBytes = bytes };
        }
        finally
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static RecoveryOutcome Start(RecoverySetup setup, string directory)
    {
        string budget = setup.MemoryBudget.ToString(CultureInfo.InvariantCulture);
        using Subject server = Subject.StartServerOn(directory, Door.Http, [$"Presence:Store:MemoryBudget={budget}"]);
        using var questions = new RecoveryQuestions(server);
        var random = new Random(Seed);
        JsonElement[] first = questions.Ask(Some(random, setup.Users));
        TimeSpan firstAnswer = Stopwatch.GetElapsedTime(server.StartedAt);
        List<double> whileLoading = [];
        for (int asked = 1; asked % QuestionsPerLook != 0 || !questions.IsLoaded(); asked++)
        {
            if (Stopwatch.GetElapsedTime(server.StartedAt) > _patience)
            {
                throw new TimeoutException($"The server has not loaded its records within {_patience.TotalMinutes} min.");
            }

            whileLoading.Add(Time(questions, random, setup.Users));
        }

        TimeSpan loaded = Stopwatch.GetElapsedTime(server.StartedAt), cpu = server.Meter.CpuTime;
        List<double> afterwards = [.. whileLoading.Select(_ => Time(questions, random, setup.Users))];
        return new RecoveryOutcome
        {
            DiskBytes = 0,
            Limit = TimeSpan.Zero,
            FirstAnswer = firstAnswer,
            FirstUnknown = first.Count(RecoveryQuestions.IsUnknown),
            Loaded = loaded,
            Cpu = cpu,
            Rss = server.Meter.Rss,
            PeakRss = server.Meter.PeakRss,
            WhileLoading = whileLoading,
            Afterwards = afterwards,
            Wrong = Enumerable.Range(0, SampleQuestions)
                .Sum(_ => questions.Ask(Some(random, setup.Users)).Count(static entry => !RecoveryQuestions.IsRight(entry))),
        };
    }

    private static double Time(RecoveryQuestions questions, Random random, long users)
    {
        Pause.For(_between);
        questions.Ask(Some(random, users));
        return questions.RoundTrip.TotalMilliseconds;
    }

    private static long[] Some(Random random, long users) =>
        [.. Enumerable.Range(0, IdsPerQuestion).Select(_ => 1 + random.NextInt64(users)).Distinct()];

    private static string Records(string verb, params object[] arguments)
    {
        string program = Path.Combine(Repository.Root, "perf", "records", "bin", "Release", "net10.0", "Presence.Records.dll");
        string[] all = [program, verb, .. arguments.Select(static argument => string.Create(CultureInfo.InvariantCulture, $"{argument}"))];
        long start = Stopwatch.GetTimestamp();
        using Process records = Process.Start(new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true })!;
        string output = records.StandardOutput.ReadToEnd();
        records.WaitForExit();
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Records {verb}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s {output.TrimEnd()}"));
        return records.ExitCode == 0 ? output : throw new InvalidOperationException($"Records {verb} ended with {records.ExitCode}.");
    }

    // "2402560088 bytes, 100100000 records in 1.234 s"
    [GeneratedRegex(@"^(?<bytes>\d+) bytes, \d+ records in (?<seconds>[\d.]+) s")]
    private static partial Regex ReadLine();
}
