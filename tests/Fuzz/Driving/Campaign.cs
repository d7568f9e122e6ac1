using System.Diagnostics;
using System.Globalization;

namespace Presence.Fuzz;

/// <summary>Runs one target for a time: mutates inputs, keeps those that reach something new, saves those that show a fault.</summary>
internal sealed class Campaign(Target target, Workspace workspace, int seed, BlackBox box)
{
    private const int MostFindings = 20;
    private static readonly TimeSpan _reportEvery = TimeSpan.FromSeconds(10);

    private readonly Coverage _coverage = new();
    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _findings = new(StringComparer.Ordinal);
    private readonly Random _random = new(seed);

    /// <returns>How many different faults were found.</returns>
    public int Run(TimeSpan duration)
    {
        long begun = Stopwatch.GetTimestamp();
        TimeSpan nextReport = _reportEvery;
        foreach (byte[] input in workspace.Known(target))
        {
            Try(input, isKnown: true);
        }

        var mutator = new Mutator(_random, target.Words, target.MaxBytes);
        for (TimeSpan elapsed = default; elapsed < duration && _findings.Count < MostFindings; elapsed = Stopwatch.GetElapsedTime(begun))
        {
            Try(mutator.Mutate(Pick(), Pick()), isKnown: false);
            if (elapsed >= nextReport)
            {
                Report(elapsed);
                nextReport += _reportEvery;
            }
        }

        Report(Stopwatch.GetElapsedTime(begun));
        return _findings.Count;
    }

    // Half of them of the newest.
    private byte[] Pick()
    {
        double place = _random.NextDouble();
        return _corpus[(int)(_corpus.Count * (_random.Next(2) == 0 ? place : 1 - (place * place)) * 0.999_999)];
    }

    private void Try(byte[] input, bool isKnown)
    {
        box.Note(input);
        Coverage.Clear();
        Fault? fault = Execution.Run(target, input, isTimed: true, out _);
        bool isNew = _coverage.Merge();
        if (fault is not null && _findings.Add(fault.Key))
        {
            Save(input, fault);
        }

        if (isKnown || (isNew && fault is null))
        {
            _corpus.Add(input);
        }

        if (isNew && fault is null && !isKnown)
        {
            workspace.Keep(target, input);
        }
    }

    private void Save(byte[] input, Fault fault)
    {
        byte[] shrunk = Shrinking.Shrink(input, shorter =>
        {
            box.Note(shorter);
            return Execution.Run(target, shorter, isTimed: true, out _)?.Key == fault.Key;
        });
        string path = workspace.KeepFinding(target, shrunk, fault.What);
        Console.WriteLine($"{target.Name}: FINDING in {path}\n{fault.What}");
    }

    private void Report(TimeSpan elapsed)
    {
        double rate = box.Executions / Math.Max(0.001, elapsed.TotalSeconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{target.Name}: {elapsed.TotalSeconds:f0} s, {box.Executions:n0} executions ({rate:n0}/s), {_coverage.Edges} edges, corpus {_corpus.Count}, findings {_findings.Count}"));
    }
}
