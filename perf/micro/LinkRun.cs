using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace Presence.Micro;

/// <summary>
/// <c>Micro links [users] [rounds] [directory]</c>: one run of a size that BenchmarkDotNet cannot repeat. All users come up, then beat once in d for so
/// many rounds while the wheel visits them, and leave at last; printed is what each costs, the longest turn and the memory. With a directory the
/// transitions are journaled in it, and what the journal's thread costs is printed too.
/// </summary>
internal static class LinkRun
{
    private const int TicksOfRound = 300;
    private const int SmallestUsers = 1 << 20;

    public static int Run(string[] args)
    {
        int users = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : SmallestUsers;
        int rounds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2;
        long before = ResidentBytes();
        using JournalUse? journal = args.Length > 2 ? new JournalUse(args[2]) : null;
        var host = new LinkHost(users, journal?.Journal);
        TimeSpan ramp = host.ComeUp();
        host.Complete();
        journal?.Print(users);
        Print("ups", users, ramp);
        double resident = ResidentBytes() - before;
        double heap = GC.GetTotalMemory(forceFullCollection: true);
        Say($"longest turn while growing from a million: {host.LongestTurn.TotalMilliseconds:F1} ms");
        Say($"resident {resident / users:F1} bytes a user; managed heap {heap / 1e6:F0} MB");
        for (int round = 0; round < rounds; round++)
        {
            Round(host);
            // As many lines as there are users, down to a power of two: what is not in a cache has to be found by its address first.
            int lines = 1 << BitOperations.Log2((uint)users), touches = Math.Min(lines, 8 * SmallestUsers);
            Print("limit: one line", touches, MemoryLimit.Touch(lines, touches));
        }

        Print("goodbye", users, host.Leave());
        Say($"longest turn of it: {host.LongestTurn.TotalMilliseconds:F1} ms");
        return 0;
    }

    private static void Round(LinkHost host)
    {
        TimeSpan beats = TimeSpan.Zero;
        TimeSpan visits = TimeSpan.Zero;
        long visited = host.Shard.Counters.DeadlinesVisited;
        int perTick = host.Users / TicksOfRound;
        for (int tick = 0; tick < TicksOfRound; tick++)
        {
            visits += host.Tick();
            beats += host.Beat(tick == TicksOfRound - 1 ? host.Users - (perTick * (TicksOfRound - 1)) : perTick);
        }

        Print("beats", host.Users, beats);
        Print("re-visits", host.Shard.Counters.DeadlinesVisited - visited, visits);
    }

    private static void Print(string what, long count, TimeSpan spent)
    {
        double rate = count / spent.TotalSeconds / 1e6;
        Say($"{what}: {count} in {spent.TotalSeconds:F2} s, {rate:F1} M/s, {spent.TotalNanoseconds / Math.Max(1, count):F0} ns each");
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static long ResidentBytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
