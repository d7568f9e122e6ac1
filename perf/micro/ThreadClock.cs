using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Presence.Micro;

/// <summary>Processor time of this thread on Linux, so that a busy machine counts less; elsewhere the time that passes.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpu = 3;

    public static TimeSpan Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Stopwatch.GetElapsedTime(0);
            }

            _ = GetTime(ThreadCpu, out TimeSpec time);
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
