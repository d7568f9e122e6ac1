using Presence.Admin.V1;

namespace Presence.Ctl.Output;

/// <summary>A device and its connection, as names and values.</summary>
internal static class DeviceText
{
    public static IEnumerable<(string Name, string Value)> Of(DeviceInfo device)
    {
        if (device.GatewayId.Length > 0)
        {
            yield return ("gateway", Screen.Clean(device.GatewayId));
        }

        yield return ("state", device.State.ToString().ToLowerInvariant() + (device.Http && device.Connection is null ? " (lease)" : ""));
        yield return ("status", PresenceText.Words(device.EffectiveStatus, device.DeviceKinds));
        if (device.StatusText.Length > 0)
        {
            yield return ("text", Screen.Clean(device.StatusText));
        }

        if (device.HasSilentForMs)
        {
            yield return ("silent for", Times.Seconds(device.SilentForMs));
        }

        yield return ("gone in", Times.Seconds(device.GoneInMs));
        if (device.HasDeadlineInMs)
        {
            yield return ("deadline in", Times.Seconds(device.DeadlineInMs));
        }

        if (device.Connection is { } connection)
        {
            foreach ((string, string) pair in Of(connection))
            {
                yield return pair;
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Of(ConnectionDetails connection)
    {
        yield return ("connection", $"{connection.Transport} {connection.Remote}".TrimEnd());
        if (connection.ClientName.Length > 0)
        {
            yield return ("client", Screen.Clean(connection.ClientName));
        }

        yield return ("token expires", Times.Of(connection.TokenExpiresMs));
        yield return ("watches", Times.Invariant(connection.Watches));
        yield return ("pending requests", Times.Invariant(connection.PendingRequests));
        if (connection.Congested || connection.ReaderPaused)
        {
            yield return ("flow", connection.Congested ? "congested: it does not read fast enough" : "paused: it is not read from");
        }
    }
}
