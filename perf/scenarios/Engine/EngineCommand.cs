using System.Globalization;
using System.Text;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Engine;

/// <summary><c>engine</c>: the engine alone with 100 million users on one shard, beside what the machine's memory gives.</summary>
internal static class EngineCommand
{
    public const string Name = "engine";

    private const string Heading = "The engine alone";
    private const double MostTurnMs = 50;

    public static int Run()
    {
        var run = EngineRun.Measure();
        string body = Render(run, Provenance.Current($"perf/run.sh {Name}"));
        Console.WriteLine(body);
        ResultsFile.Replace(Heading, body);
        return 0;
    }

    private static string Render(EngineRun run, Provenance provenance)
    {
        var limit = Spread.Of(run.Rates["limit: one line"]);
        var text = new StringBuilder();
        text.AppendLine(Text($"`{provenance.Command}`: commit {provenance.Commit}, {provenance.Date:yyyy-MM-dd}, {provenance.Cpu}, {provenance.Runtime}."));
        text.AppendLine(Text($"One shard with {run.Users:N0} users on one gateway link, no transport and no store (`perf/micro`, `links`): median"));
        text.AppendLine("(min – max) of the rounds, by the processor time of its thread. A round is one heartbeat interval: every user beats once, in");
        text.AppendLine("an order that no cache foresees, and the wheel visits each deadline that falls due. The limit is one store to a random");
        text.AppendLine("cache line of about as many, prefetched in groups, in huge pages: all that a beat could be.");
        text.AppendLine().AppendLine("| what | M/s a core | limit | budget | |").AppendLine("|---|---|---|---|---|");
        text.AppendLine(Row("bulk beats", Spread.Of(run.Rates["beats"]), limit, 8));
        text.AppendLine(Row("wheel re-visits", Spread.Of(run.Rates["re-visits"]), limit, 20));
        text.AppendLine(Text($"| users that come up, while the tables grow | {run.Rates["ups"].Single():0.0} | | | |"));
        string verdict = run.LongestTurnMs <= MostTurnMs ? "met" : "**missed**";
        text.AppendLine(Text($"| the longest turn while they do, from a million on (ms) | {run.LongestTurnMs:0.0} | | ≤ {MostTurnMs} | {verdict} |"));
        return text.ToString();
    }

    private static string Row(string what, Spread ours, Spread limit, double budget) =>
        Text($"| {what} | {ours:0.0} | {limit:0.0} | ≥ {budget} | {(ours.Median >= budget ? "met" : "**missed**")} |");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
