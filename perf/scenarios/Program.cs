using System.Globalization;
using System.Net;
using Presence.Scenarios.Engine;
using Presence.Scenarios.Growth;
using Presence.Scenarios.Loads;
using Presence.Scenarios.Ramps;
using Presence.Scenarios.Recoveries;
using Presence.Scenarios.Results;
using Presence.Scenarios.Rows;
using Presence.Scenarios.Subjects;

if (args is [BareSockets.Command, var endPoint])
{
    await BareSockets.HoldAsync(IPEndPoint.Parse(endPoint));
}

if (RampCommand.IsOne(args))
{
    return RampCommand.Run(args);
}

if (LoadCommand.IsOne(args))
{
    return LoadCommand.Run(args);
}

if (args is [EngineCommand.Name])
{
    return EngineCommand.Run();
}

if (RecoveryCommand.IsOne(args))
{
    return RecoveryCommand.Run(args);
}

if (GrowthCommand.IsOne(args))
{
    return GrowthCommand.Run(args);
}

int runs = 3;
IReadOnlyList<IRow> rows = args is ["all", ..] ? AllRows.All : [.. AllRows.All.Where(row => args is [var name, ..] && row.Name == name)];
if (rows.Count == 0 || args.Length > 2 || (args is [_, var count] && (!int.TryParse(count, out runs) || runs < 1)))
{
    Console.Error.WriteLine($"usage: perf/run.sh NAME|all [RUNS]   NAME: {string.Join(", ", AllRows.All.Select(static row => row.Name))}");
    Console.Error.WriteLine($"       perf/run.sh {string.Join('|', RampCommand.Names)} [--out DIR] [--OPTION VALUE]…   options of LoadClient ramp");
    Console.Error.WriteLine($"       perf/run.sh {string.Join('|', LoadCommand.Names)} [--out DIR] [--OPTION VALUE]…   options of the scenario of LoadClient");
    Console.Error.WriteLine($"       perf/run.sh {string.Join('|', GrowthCommand.Names)} [--out DIR]");
    Console.Error.WriteLine($"       perf/run.sh {EngineCommand.Name}");
    Console.Error.WriteLine($"       perf/run.sh {string.Join('|', RecoveryCommand.Names)} [USERS]");
    return 2;
}

List<IReadOnlyList<Figure>> measured = [];
for (int run = 1; run <= runs; run++)
{
    List<Figure> figures = [];
    foreach (IRow row in rows)
    {
        foreach (Figure figure in row.Measure())
        {
            figures.Add(figure);
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"run {run}: {figure.Line.Name}: {figure.Ours:N0} {figure.Line.Unit}, limit {figure.Limit:N0}, ratio {figure.Ratio:0.00}"));
        }
    }

    measured.Add(figures);
}

string results = ResultsFile.Render(rows, measured, Provenance.Current($"perf/run.sh {string.Join(' ', args)}"));
Console.Write(results);
if (rows.Count == AllRows.All.Count)
{
    File.WriteAllText(ResultsFile.Path, Sections.Keep(File.ReadAllText(ResultsFile.Path), results));
}

return 0;
