using System.Diagnostics;

namespace Presence.LoadClient.Machine;

/// <summary>Which build a process runs: the version and commit stamped into its assembly.</summary>
internal static class ServerBuild
{
    private const string Assembly = "PresenceServer.dll";

    /// <returns>Null: it cannot be told from outside.</returns>
    public static string? VersionOf(int processId)
    {
        try
        {
            string[] arguments = File.ReadAllText($"/proc/{processId}/cmdline").Split('\0');
            string directory = new FileInfo($"/proc/{processId}/cwd").LinkTarget ?? "/";
            string? executable = new FileInfo($"/proc/{processId}/exe").LinkTarget;
            string? file = arguments.FirstOrDefault(static argument => argument.EndsWith(Assembly, StringComparison.Ordinal))
                ?? (executable is null ? null : Path.Combine(Path.GetDirectoryName(executable)!, Assembly));
            return file is not null && File.Exists(Path.Combine(directory, file))
                ? FileVersionInfo.GetVersionInfo(Path.Combine(directory, file)).ProductVersion
                : null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
