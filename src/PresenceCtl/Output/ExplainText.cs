using Presence.Admin.V1;
using Spectre.Console;
using Status = Presence.V1.Status;

namespace Presence.Ctl.Output;

/// <summary>An explanation, in words.</summary>
internal static class ExplainText
{
    /// <summary>One sentence: what others see, and what made it so.</summary>
    public static string Why(ExplainUserResponse response)
    {
        if (response.User is not { } user)
        {
            return "never seen, or not since the retention of last-active times.";
        }

        string shown = PresenceText.Words(user.Visible.Status, user.Visible.DeviceKinds);
        if (user.Invisible)
        {
            return $"{shown} to others because it chose to be invisible; it is {PresenceText.Words(user.TrueStatus, user.TrueDeviceKinds)}.";
        }

        return user.Visible.Status switch
        {
            Status.Unknown => $"{shown}: its record has not been loaded yet.",
            Status.Offline => $"{shown}: {WhyOffline(response)}.",
            _ => $"{shown}: {WhyThere(response, user)}.",
        };
    }

    public static Table Table(IEnumerable<TransitionInfo> transitions)
    {
        Table table = Screen.NewTable("decided", "cause", "others see", "last sign of life", "handed to", "version");
        foreach (TransitionInfo transition in transitions)
        {
            table.AddRow([.. Cells(transition).Select(static cell => new Text(cell))]);
        }

        return table;
    }

    /// <summary>Who watches, and how far the journal was looked at.</summary>
    /// <param name="response">All that is known.</param>
    /// <param name="most">Transitions that were asked for.</param>
    public static IEnumerable<string> Notes(ExplainUserResponse response, uint most)
    {
        string named = response.WatcherIds.Count == 0 ? "" : $": users {string.Join(", ", response.WatcherIds)}{(response.Watchers > (ulong)response.WatcherIds.Count ? ", …" : "")}";
        yield return $"{Count(response.Watchers, "connection")} watching it now{named}; {Count(response.LinksThatWatchAll, "gateway link")} told of everybody.";
        if (response.JournalProblem.Length > 0)
        {
            yield return response.JournalProblem;
        }
        else
        {
            yield return response.HasJournalSinceMs
                ? $"The journal was read back to {Times.Of(response.JournalSinceMs)}, for the {Count(most, "newest transition")} at most."
                : "The journal has nothing yet.";
        }

        if (response.JournalHasHoles)
        {
            yield return "Of that time records are damaged or were left out because the disk was too slow: there may have been other transitions.";
        }
    }

    private static string WhyThere(ExplainUserResponse response, GetUserResponse user)
    {
        DeviceInfo[] inFold = [.. user.Devices.Where(static device => device.EffectiveStatus != Status.Offline)];
        if (inFold.FirstOrDefault(device => device.EffectiveStatus == user.Visible.Status) is not { } best)
        {
            return "a change is under way";
        }

        string device = best.DeviceId.Length > 0 ? Screen.Clean(best.DeviceId) : $"of key {best.DeviceKey:x16}";
        string among = inFold.Length == 1 ? "its device" : $"the best of {inFold.Length} devices is";
        return best.State switch
        {
            DeviceState.Recovering =>
                $"it was online before the restart, and may come back unnoticed for another {Times.Seconds(response.RecoveringForMs)}",
            DeviceState.Held => $"{among} {device} has lost its connection, and may come back unnoticed for another {Times.Seconds(best.GoneInMs)}",
            _ => $"{among} {device}, gone in {Times.Seconds(best.GoneInMs)} if nothing more is heard of it",
        };
    }

    private static string WhyOffline(ExplainUserResponse response)
    {
        TransitionInfo? last = response.Transitions.FirstOrDefault(static transition => transition.Visible);
        return last?.Cause switch
        {
            null => "its last transition is older than what was looked at",
            "explicit" => $"it said so at {Times.Of(last.AtMs)}",
            "goodbye" => $"its last device left with a Goodbye at {Times.Of(last.AtMs)}",
            "hold_over" => $"its last device lost its connection and did not come back within the hold, as of {Times.Of(last.AtMs)}",
            "silent" => $"nothing was heard of its last device for the heartbeat interval and twice the tolerance, as of {Times.Of(last.AtMs)}",
            "lease_over" => $"its last lease over HTTP was not renewed, as of {Times.Of(last.AtMs)}",
            "revoked" => $"its token was revoked at {Times.Of(last.AtMs)}",
            "recovering_over" => $"it was online before a restart and had not come back by {Times.Of(last.AtMs)}",
            "" => $"by {Times.Of(last.AtMs)}; the disk was too slow to keep why",
            { } cause => $"{cause} at {Times.Of(last.AtMs)}",
        };
    }

    private static IEnumerable<string> Cells(TransitionInfo transition) =>
    [
        Times.Of(transition.AtMs),
        transition.Cause.Length > 0 ? transition.Cause.Replace('_', ' ') : "several",
        transition.Visible ? PresenceText.Describe(transition.Shown) : "(told to nobody)",
        transition.HasTrueLastActiveMs ? Times.Of(transition.TrueLastActiveMs) : "",
        Handed(transition),
        Times.Invariant(transition.Version),
    ];

    private static string Handed(TransitionInfo transition)
    {
        if (!transition.Visible)
        {
            return "";
        }

        string later = transition.HandedLater > 0 ? $" + {transition.HandedLater} later" : "";
        return transition.HasHandedTo ? $"{Count(transition.HandedTo, "session")}{later}" : "not remembered";
    }

    private static string Count(ulong count, string what) => count == 1 ? $"1 {what}" : $"{Times.Invariant(count)} {what}s";
}
