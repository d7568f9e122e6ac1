using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Presence.Scenarios.Results;

/// <summary>Where figures come from.</summary>
internal sealed record Provenance(string Command, string Commit, DateTimeOffset Date, string Cpu, int Cores, string Runtime)
{
    public static Provenance Current(string command) => new(
        command,
        Git("describe --always --dirty"),
        TimeProvider.System.GetUtcNow(),
        CpuModel(),
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription);

    private static string CpuModel() =>
        File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Git(string arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, WorkingDirectory = Subjects.Repository.Root };
        using Process git = Process.Start(start)!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
