using Presence.V1;
using Spectre.Console;
using Status = Presence.V1.Status;

namespace Presence.Ctl.Output;

/// <summary>What is shown of a user, in words.</summary>
internal static class PresenceText
{
    /// <summary>One line: the user and all that is shown of it.</summary>
    public static string Line(PresenceEntry entry) => $"user {entry.UserId}: {Describe(entry)}";

    public static string Describe(PresenceEntry entry)
    {
        string words = Words(entry.Status, entry.DeviceKinds);
        string since = entry.HasLastActiveMs ? $", last active {Times.Of(entry.LastActiveMs)}"
            : entry.HasAsOfMs ? $", as of {Times.Of(entry.AsOfMs)}"
            : entry.Version == 0 ? ", never seen"
            : "";
        return entry.StatusText.Length == 0 ? $"{words}{since}" : $"{words}{since}: {Screen.Clean(entry.StatusText)}";
    }

    public static string Words(Status status, IReadOnlyCollection<DeviceKind> kinds) =>
        kinds.Count == 0 ? Name(status) : $"{Name(status)} ({Names(kinds)})";

    public static string Name(Status status) => status.ToString().ToLowerInvariant();

    public static string Names(IEnumerable<DeviceKind> kinds) => string.Join(", ", kinds.Select(static kind => kind.ToString().ToLowerInvariant()));

    public static Table Table(IEnumerable<PresenceEntry> entries)
    {
        Table table = Screen.NewTable("user", "status", "last active", "devices", "text", "version");
        foreach (PresenceEntry entry in entries)
        {
            table.AddRow([.. Cells(entry).Select(static cell => new Text(cell))]);
        }

        return table;
    }

    private static IEnumerable<string> Cells(PresenceEntry entry) =>
    [
        Times.Invariant(entry.UserId),
        Name(entry.Status),
        entry.HasLastActiveMs ? Times.Of(entry.LastActiveMs) : entry.Version == 0 ? "never seen" : "",
        Names(entry.DeviceKinds),
        Screen.Clean(entry.StatusText),
        Times.Invariant(entry.Version),
    ];
}
