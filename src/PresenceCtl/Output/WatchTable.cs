using Presence.V1;
using Spectre.Console;
using Status = Presence.V1.Status;

namespace Presence.Ctl.Output;

/// <summary>The rows of a live watch, in the order of the command line.</summary>
internal sealed class WatchTable(IEnumerable<ulong> userIds)
{
    private readonly ulong[] _order = [.. userIds.Distinct()];
    private readonly Dictionary<ulong, (PresenceEntry Entry, DateTimeOffset At)> _rows = [];

    public void Take(IEnumerable<PresenceEntry> entries, DateTimeOffset now)
    {
        foreach (PresenceEntry entry in entries)
        {
            _rows[entry.UserId] = (entry, now);
        }
    }

    public Table Render()
    {
        Table table = Screen.NewTable("user", "status", "last active", "devices", "text", "heard at");
        foreach (ulong userId in _order)
        {
            table.AddRow([.. Cells(userId)]);
        }

        return table;
    }

    private IEnumerable<Text> Cells(ulong userId)
    {
        yield return new Text(Times.Invariant(userId));
        if (!_rows.TryGetValue(userId, out (PresenceEntry Entry, DateTimeOffset At) row))
        {
            yield break;
        }

        (PresenceEntry entry, DateTimeOffset at) = row;
        yield return new Text(PresenceText.Name(entry.Status), new Style(ColorOf(entry.Status)));
        yield return new Text(entry.HasLastActiveMs ? Times.Of(entry.LastActiveMs) : entry.Version == 0 ? "never seen" : "");
        yield return new Text(PresenceText.Names(entry.DeviceKinds));
        yield return new Text(Screen.Clean(entry.StatusText));
        yield return new Text(Times.Clock(at));
    }

    private static Color ColorOf(Status status) => status switch
    {
        Status.Online => Color.Green,
        Status.Away => Color.Yellow,
        Status.Busy => Color.Red,
        _ => Color.Grey,
    };
}
