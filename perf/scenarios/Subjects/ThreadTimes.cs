using System.Globalization;

namespace Presence.Scenarios.Subjects;

/// <summary>
/// Processor time of each thread of a process since it began, in ticks of the kernel's accounting (10 ms), by the thread's name: where the time of a
/// server goes, as far as that can be seen from outside. Threads that have ended are not in it.
/// </summary>
internal sealed class ThreadTimes
{
    private readonly Dictionary<(int Id, string Name), (long User, long System)> _threads = [];

    private ThreadTimes()
    {
    }

    public static ThreadTimes Of(int processId)
    {
        var times = new ThreadTimes();
        foreach (string task in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            times.Add(task);
        }

        return times;
    }

    /// <summary>What was used since then, the greatest part first: the kernel's share, then each kind of thread's.</summary>
    public string Since(ThreadTimes before)
    {
        long all = 0, inKernel = 0;
        Dictionary<string, long> kinds = [];
        foreach ((var thread, (long user, long system)) in _threads)
        {
            (long userBefore, long systemBefore) = before._threads.GetValueOrDefault(thread);
            long used = user - userBefore + system - systemBefore;
            (all, inKernel) = (all + used, inKernel + system - systemBefore);
            kinds[KindOf(thread.Name)] = kinds.GetValueOrDefault(KindOf(thread.Name)) + used;
        }

        IEnumerable<string> shares = kinds.OrderByDescending(static kind => kind.Value).Where(kind => 50 * kind.Value >= all).Select(kind => Share(kind.Key, kind.Value, all));
        return all == 0 ? "no processor time was used" : $"{Share("in the kernel", inKernel, all)}; {string.Join(", ", shares)}";
    }

    private static string Share(string what, long part, long all) => string.Create(CultureInfo.InvariantCulture, $"{what} {100.0 * part / all:0} %");

    // The kernel keeps fifteen characters of a name.
    private static string KindOf(string thread) => thread switch
    {
        _ when thread.StartsWith("shard-", StringComparison.Ordinal) => "shards",
        "front" => "front loop",
        "presence-store" => "store",
        _ when thread.StartsWith(".NET TP", StringComparison.Ordinal) => "thread pool",
        ".NET Sockets" => "framework's poll",
        _ when thread.StartsWith(".NET BGC", StringComparison.Ordinal) || thread.StartsWith(".NET Server GC", StringComparison.Ordinal) => "collector",
        _ when thread.StartsWith(".NET Tiered", StringComparison.Ordinal) => "compiler",
        _ => "others",
    };

    // "ID (NAME) STATE …": user and system time are the 12th and 13th field behind the name, which may hold anything.
    private void Add(string task)
    {
        const int User = 11, System = 12;
        string stat;
        try
        {
            stat = File.ReadAllText(Path.Combine(task, "stat"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It ended meanwhile.
            return;
        }

        int begin = stat.IndexOf('('), end = stat.LastIndexOf(')');
        string[] fields = stat[(end + 2)..].Split(' ');
        int id = int.Parse(stat.AsSpan(0, begin - 1), CultureInfo.InvariantCulture);
        _threads[(id, stat[(begin + 1)..end])] =
            (long.Parse(fields[User], CultureInfo.InvariantCulture), long.Parse(fields[System], CultureInfo.InvariantCulture));
    }
}
