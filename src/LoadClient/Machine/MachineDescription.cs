using System.Globalization;
using System.Runtime.InteropServices;

namespace Presence.LoadClient.Machine;

/// <summary>The machine of the generator, in a line: figures mean nothing without it.</summary>
internal static class MachineDescription
{
    public static string Read() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}: {CpuModel()}, {Environment.ProcessorCount} cores, {MemoryGiB():0.#} GiB, "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    private static string CpuModel() =>
        ValueIn("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static double MemoryGiB() =>
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);

    private static string? ValueIn(string file, string name) =>
        File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
}
