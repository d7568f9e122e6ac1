using Presence.Admin.V1;
using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Http;
using Presence.Server.Transport;
using Presence.Server.Transport.Links;
using DeviceState = Presence.Engine.DeviceState;

namespace Presence.Server.Admin;

/// <summary>What a shard says of a device, as the message that tells it; the connection adds what only it knows.</summary>
internal sealed class DeviceInfos(ShardSet shards, Gateways gateways)
{
    // The shards know keys; these are the names that no client chose.
    private readonly Dictionary<ulong, string> _ownNames =
        new[] { ShardQuestions.LeaseDevice, HttpDevices.Lease }.ToDictionary(shards.KeyOf, static name => name);

    public DeviceInfo Of(DeviceReport device)
    {
        string gateway = gateways.IdOf(device.Key) ?? "";
        var info = new DeviceInfo
        {
            DeviceId = (device.Connection?.Port as ClientConnection)?.Session?.DeviceId ?? _ownNames.GetValueOrDefault(device.Key, gateway),
            GatewayId = gateway,
            DeviceKey = device.Key,
            SessionId = device.SessionId,
            State = StateOf(device.State),
            Status = device.Status,
            EffectiveStatus = device.EffectiveStatus,
            StatusText = Entries.TextOf(device.Text),
            Http = device.Http,
            ReportsActivity = device.ReportsActivity,
            GoneInMs = (ulong)device.GoneInMs,
            Connection = device.Connection is { } connection ? Of(connection) : null,
        };
        info.DeviceKinds.AddRange(Entries.KindsOf(device.Kinds));
        if (device.SilentForMs is { } silent)
        {
            info.SilentForMs = (ulong)silent;
        }

        if (device.DeadlineInMs is { } deadline)
        {
            info.DeadlineInMs = (ulong)deadline;
        }

        return info;
    }

    private static ConnectionDetails Of(ConnectionReport connection)
    {
        var client = connection.Port as ClientConnection;
        ConnectionOrigin origin = client?.Origin ?? ConnectionOrigin.Http;
        return new()
        {
            Transport = origin.Transport,
            Remote = origin.Remote,
            ClientName = client?.Session?.ClientName ?? "",
            TokenExpiresMs = (ulong)connection.TokenExpiresMs,
            Watches = (uint)connection.Watches,
            PendingRequests = (uint)connection.PendingRequests,
            Congested = connection.Congested,
            ReaderPaused = connection.ReaderPaused,
        };
    }

    private static Presence.Admin.V1.DeviceState StateOf(DeviceState state) => state switch
    {
        DeviceState.Live => Presence.Admin.V1.DeviceState.Live,
        DeviceState.Held => Presence.Admin.V1.DeviceState.Held,
        DeviceState.Recovering => Presence.Admin.V1.DeviceState.Recovering,
        _ => Presence.Admin.V1.DeviceState.Unspecified,
    };
}
