using System.Globalization;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary><c>growth-watchers</c>: what it costs to tell one watcher of a change, the more of them its user has.</summary>
internal sealed class WatchersGrowth : IGrowth
{
    // Of those who flip and those who watch: each is written to once a round, so that a round is as much work for few watchers as for many.
    private const int Connections = 14_900;
    private const int Passes = 3;
    private const int WarmUp = 8;
    private const int Rounds = 10;

    private static readonly int[] _sizes = [1, 10, 100, 1_000, Connections - 1];

    private static readonly GrowthTable _table = new(
        "watchers of each user",
        ["µs of CPU a delivery"],
        ["users who flip", "deliveries", "µs a flip with its deliveries"],
        $"Over {Connections:N0} direct connections: the users who flip, and those who watch, each one user; in the last row all watch one. The server is "
        + "stopped (SIGSTOP), every user flips, it is continued (SIGCONT); its CPU time until all is delivered is the median of the rounds, and of the passes over all rows the least: what else the machine does only "
        + "adds to it. What a flip "
        + "without watchers costs, measured in the same way, is taken off; it is in the last column.");

    public string Name => "growth-watchers";

    public string Heading => "Growth with the watchers of a user";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        double[] least = [.. Enumerable.Repeat(double.MaxValue, _sizes.Length)];
        double flip = double.MaxValue;
        for (int pass = 0; pass < Passes; pass++)
        {
            flip = Math.Min(flip, Microseconds(each: 0));
            least = [.. least.Zip(_sizes, static (soFar, each) => Math.Min(soFar, Microseconds(each)))];
        }

        GrowthRow[] rows = [.. _sizes.Zip(least, (each, whole) => Row(each, whole, flip))];
        string alone = Text($"\n\nA flip that nobody watches costs {flip:0.0} µs.");
        return (_table.Render([rows], provenance) + alone, true);
    }

    private static GrowthRow Row(int each, double whole, double flip)
    {
        int users = UsersWith(each);
        return new GrowthRow(
            Text($"{each:N0}"), [(whole - flip) / each], [Text($"{users:N0}"), Text($"{Passes * Rounds * users * each:N0}"), Text($"{whole:#,0.0}")]);
    }

    // Of a flip with all that it brings.
    private static double Microseconds(int each)
    {
        int users = UsersWith(each);
        using var load = new WatchersLoad(users, each);
        double microseconds = Spread.Of(Enumerable.Range(0, WarmUp + Rounds).Select(_ => load.Flip().TotalMicroseconds).Skip(WarmUp)).Median / users;
        Console.Error.WriteLine(Text($"{each:N0} watchers each: {microseconds:0.0} µs a flip"));
        return microseconds;
    }

    private static int UsersWith(int watchers) => Connections / (1 + watchers);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
