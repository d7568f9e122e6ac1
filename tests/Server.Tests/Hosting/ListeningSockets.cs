using System.Globalization;

namespace Presence.Server.Tests.Hosting;

/// <summary>What a process listens on, as the kernel lists it.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";

    private static readonly string[] s_families = ["tcp", "tcp6"];

    public static int[] PortsOf(int processId)
    {
        HashSet<string> own = [.. Directory.GetFiles($"/proc/{processId}/fd").Select(static descriptor => File.ResolveLinkTarget(descriptor, false)?.Name ?? "")];
        return
        [
            .. s_families.SelectMany(family => File.ReadLines($"/proc/{processId}/net/{family}").Skip(1))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == Listening && own.Contains($"socket:[{fields[9]}]"))
                .Select(static fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
    }
}
