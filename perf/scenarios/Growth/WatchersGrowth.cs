using System.Globalization;
using Presence.Scenarios.Results;

namespace Presence.Scenarios.Growth;

/// <summary><c>growth-watchers</c>: what it costs to tell one watcher of a change, the more of them its user has.</summary>
internal sealed class WatchersGrowth : IGrowth
{
    // With as many who flip they are as many descriptors as the generator and the server have.
    private const int Watchers = 7_000;
    private const int MostWatchers = 14_900;
    private const int WarmUp = 10;
    private const int Deliveries = 30 * Watchers;

    private static readonly GrowthTable _table = new(
        "watchers of each user",
        ["µs of CPU a delivery"],
        ["users who flip", "deliveries", "µs a flip with its deliveries"],
        $"Over direct connections: {Watchers:N0} that watch, each one user, and the users who flip; in the last row all watch one user. The server is "
        + "stopped (SIGSTOP), every user flips, it is continued (SIGCONT); its CPU time until all is delivered is summed over the rounds. What a flip "
        + "without watchers costs, measured in the same way, is taken off; it is in the last column.");

    public string Name => "growth-watchers";

    public string Heading => "Growth with the watchers of a user";

    public (string Body, bool IsRight) Measure(Provenance provenance)
    {
        double flip = Microseconds(Watchers, Watchers, each: 0);
        List<GrowthRow> rows = [];
        foreach (int each in new[] { 1, 10, 100, 1_000 })
        {
            rows.Add(Row(Watchers / each, Watchers, each, flip));
        }

        rows.Add(Row(1, MostWatchers, MostWatchers, flip));
        string alone = string.Create(CultureInfo.InvariantCulture, $"\n\nA flip that nobody watches costs {flip:0.0} µs.");
        return (_table.Render([rows], provenance) + alone, true);
    }

    private static GrowthRow Row(int users, int watchers, int each, double flip)
    {
        double whole = Microseconds(users, watchers, each);
        return new GrowthRow(
            each.ToString("N0", CultureInfo.InvariantCulture),
            [(whole - flip) / each],
            [
                users.ToString("N0", CultureInfo.InvariantCulture),
                (Rounds(watchers) * watchers).ToString("N0", CultureInfo.InvariantCulture),
                whole.ToString("#,0.0", CultureInfo.InvariantCulture),
            ]);
    }

    // Of a flip with all that it brings.
    private static double Microseconds(int users, int watchers, int each)
    {
        using var load = new WatchersLoad(users, watchers, each);
        load.Flip(WarmUp);
        int rounds = Rounds(watchers);
        double microseconds = load.Flip(rounds).TotalMicroseconds / ((double)rounds * users);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{each:N0} watchers each: {microseconds:0.0} µs a flip"));
        return microseconds;
    }

    private static int Rounds(int watchers) => Deliveries / watchers;
}
