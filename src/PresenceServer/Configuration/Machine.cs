using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Server.Configuration;

/// <summary>What this process may use of its machine; some defaults follow from it.</summary>
/// <param name="Cores">Processors the process may run on.</param>
/// <param name="MemoryBytes">Memory the process may use: that of the machine, or of its container.</param>
/// <param name="Descriptors">Open files and sockets the process may have.</param>
/// <param name="HostName">The name of the machine.</param>
internal sealed partial record Machine(int Cores, long MemoryBytes, long Descriptors, string HostName)
{
    /// <summary>Where other machines reach this one, as far as can be told: its first address of IPv4 that is no loopback; the loopback when it has none.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    private const int OpenFilesOnLinux = 7;
    private const int OpenFilesOnMac = 8;

    public static Machine Current() => new(
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        OpenFileLimit(),
        Environment.MachineName)
    {
        Address = FirstAddress(),
    };

    private static IPAddress FirstAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(static one => one.OperationalStatus == OperationalStatus.Up)
        .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
        .Select(static one => one.Address)
        .FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)) ?? IPAddress.Loopback;

    // The runtime has raised the soft limit to the hard one before the first line of the program runs.
    private static long OpenFileLimit()
    {
        int resource = OperatingSystem.IsMacOS() ? OpenFilesOnMac : OpenFilesOnLinux;
        return !OperatingSystem.IsWindows() && GetLimit(resource, out ResourceLimit limit) == 0
            ? (long)Math.Min(limit.Soft, long.MaxValue)
            : long.MaxValue;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly ulong Soft;
        public readonly ulong Hard;
    }
}
