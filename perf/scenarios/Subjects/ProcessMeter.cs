using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Presence.Scenarios.Subjects;

/// <summary>What another process has used, read from outside so that the same is read of every subject.</summary>
internal sealed partial class ProcessMeter(int processId)
{
    private const int SigStop = 19;
    private const int SigContinue = 18;

    /// <summary>
    /// User and system time of all its threads, to the nanosecond: /proc/PID/stat counts in ticks of 10 ms, which is as long as a burst.
    /// </summary>
    public TimeSpan CpuTime
    {
        get
        {
            // The clock of a process, as clock_getcpuclockid(3) makes it.
            Check(clock_gettime((~processId << 3) | 2, out Timespec time), "clock_gettime");
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1_000.0);
        }
    }

    /// <summary>Resident set size in bytes.</summary>
    public long Rss => Bytes("VmRSS:");

    /// <summary>The most it ever was.</summary>
    public long PeakRss => Bytes("VmHWM:");

    /// <summary>Processor time by thread, for the difference of two.</summary>
    public ThreadTimes Threads => ThreadTimes.Of(processId);

    public void Stop() => Check(kill(processId, SigStop), "kill");

    public void Continue() => Check(kill(processId, SigContinue), "kill");

    private long Bytes(string name)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1_024;
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out Timespec time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
