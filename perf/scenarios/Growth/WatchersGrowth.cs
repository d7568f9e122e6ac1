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
        ["users who flip", "deliveries", "µs a flip with its deliveries", "µs a flip without"],
        $"Over {Connections:N0} direct connections: the users who flip, and those who watch, each one user; in the last row all watch one. The server is "
        + "stopped (SIGSTOP), every user flips, it is continued (SIGCONT); its CPU time until all is delivered is the median of the rounds, and of the passes "
        + "over all rows the least: what else the machine does only adds to it. What the same flips cost on the same connections when nobody watches, "
        + "measured in the same way, is taken off.");

    public string Name => "growth-watchers";

    public string Heading => "Growth with the watchers of a user";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        Cost[] least = [.. Enumerable.Repeat(Cost.Most, _sizes.Length)];
        for (int pass = 0; pass < Passes; pass++)
        {
            least = [.. least.Zip(_sizes, static (soFar, each) => soFar.OrLess(new(Microseconds(each, watched: true), Microseconds(each, watched: false))))];
        }

        return (_table.Render([[.. _sizes.Zip(least, Row)]], provenance), true);
    }

    private static GrowthRow Row(int each, Cost cost)
    {
        int users = UsersWith(each);
        return new GrowthRow(
            Text($"{each:N0}"),
            [(cost.Watched - cost.Alone) / each],
            [Text($"{users:N0}"), Text($"{Passes * Rounds * users * each:N0}"), Text($"{cost.Watched:#,0.0}"), Text($"{cost.Alone:#,0.0}")],
            "cheaper: what a watched change costs once (its look-up, its encoding, the round of its cursor, its place in the batch to the other shards) is shared by its "
            + "watchers, whose connections lie beside each other.");
    }

    // Of a flip with all that it brings.
    private static double Microseconds(int each, bool watched)
    {
        int users = UsersWith(each);
        using var load = new WatchersLoad(users, each, watched);
        double microseconds = Spread.Of(Enumerable.Range(0, WarmUp + Rounds).Select(_ => load.Flip().TotalMicroseconds).Skip(WarmUp)).Median / users;
        Console.Error.WriteLine(Text($"{each:N0} watchers each, {(watched ? "who watch" : "who do not")}: {microseconds:0.0} µs a flip"));
        return microseconds;
    }

    private static int UsersWith(int watchers) => Connections / (1 + watchers);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Microseconds of a flip.</summary>
    /// <param name="Watched">With its deliveries.</param>
    /// <param name="Alone">When nobody watches.</param>
    private readonly record struct Cost(double Watched, double Alone)
    {
        public static readonly Cost Most = new(double.MaxValue, double.MaxValue);

        public Cost OrLess(Cost other) => new(Math.Min(Watched, other.Watched), Math.Min(Alone, other.Alone));
    }
}
