using System.Globalization;
using System.Runtime.InteropServices;

namespace Presence.LoadClient.Machine;

/// <param name="Cpu">User and system time of all threads since the process began.</param>
/// <param name="RssBytes">Resident memory.</param>
internal readonly record struct Usage(TimeSpan Cpu, long RssBytes)
{
    public static Usage operator +(Usage a, Usage b) => new(a.Cpu + b.Cpu, a.RssBytes + b.RssBytes);
}

/// <summary>What a process on this machine has used, read from outside.</summary>
internal sealed partial class ProcessUsage(int processId)
{
    /// <summary>Null: the process is gone.</summary>
    public Usage? Read()
    {
        // The clock of a process, as clock_getcpuclockid(3) makes it; /proc/PID/stat counts in ticks of 10 ms.
        if (clock_gettime((~processId << 3) | 2, out Timespec time) != 0)
        {
            return null;
        }

        TimeSpan cpu = TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1_000.0);
        return ReadRss() is { } rss ? new Usage(cpu, rss) : null;
    }

    private long? ReadRss()
    {
        try
        {
            // Second of statm: resident pages.
            string pages = File.ReadAllText($"/proc/{processId}/statm").Split(' ')[1];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
