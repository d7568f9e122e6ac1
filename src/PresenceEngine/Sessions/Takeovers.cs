using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>One session of a device takes the place of another: on the same connection's node, or between edges.</summary>
internal sealed class Takeovers(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly Connections _connections = shard.Connections;
    private readonly ShardTime _time = shard.Time;

    /// <summary>Whether no transition happens: the device, or its phantom, still stands and says the same. That is what "resumed" means.</summary>
    public bool IsUnseen(int entry, int node, bool known, SessionUp up)
    {
        if (up.Hidden && !_users[entry].Has(UserFlags.Invisible))
        {
            return false;
        }

        if (known)
        {
            ref Device device = ref _users.DeviceAt(node);
            return !device.Has(DeviceFlags.ServerAway) && up.Kind == device.Kinds && WantedStatus(up, device.Status.Value) == device.Status.Value;
        }

        int phantom = _users.FindDevice(entry, Recovery.PhantomKey);
        return phantom >= 0 && IsAs(_users.DeviceAt(phantom), up);
    }

    /// <summary>The session of a Hello begins. The device's older connection, if it lingers, is told; from now on it speaks for nobody.</summary>
    public void TakeOver(int node, bool known, SessionUp up)
    {
        ref Device device = ref _users.DeviceAt(node);
        ComeHere(node);
        LeaveTo(node);
        bool wasInFold = known && device.IsInFold;
        Status before = known ? device.Status.Value : Status.Online;
        Status wanted = WantedStatus(up, before);
        if (wanted != before)
        {
            device.Set(DeviceFlags.HasText, shard.Presences.DeviceTexts.Set(node, null));
        }

        device.Key = up.DeviceKey;
        device.SessionId = shard.Versions.Next(_time.WallMs, Math.Max(up.PresentedSession, device.SessionId));
        device.State = DeviceState.Live;
        device.Status = wanted;
        device.Kinds = up.Kind;
        device.Set(DeviceFlags.ReportsActivity, up.ReportsActivity);
        device.Set(DeviceFlags.ServerAway, false);
        device.Set(DeviceFlags.AsBefore, up.InitialStatus == Status.Unspecified && (!known || device.Has(DeviceFlags.AsBefore)));
        shard.Home.GoOnAsBefore(node);
        if (wasInFold && !device.IsInFold)
        {
            // Came back to watch only: this Hello is the device's last sign of life.
            shard.Presences.Seen(_users.OwnerOf(node), _time.WallMs);
        }

        device.Set(DeviceFlags.Http, up.Http);
        device.Connection = up.Connection.Slot;
        up.Connection.Node = node;
        up.Connection.SessionId = device.SessionId;
    }

    /// <summary>A device that has been at another edge, as its home here knows it, is at this one from now on: its session there is over.</summary>
    public void ComeHere(int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsRemote)
        {
            shard.Nodes!.Words.Replace(_users.OwnerOf(node), device);
            device.ComeHere();
        }
    }

    /// <summary>A newer session of the device begins: the connection of the older, if it has one here, speaks for nobody any more, and if it is on a link, that has one user less. The record is the newer's.</summary>
    public void LeaveTo(int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.Connection >= 0)
        {
            ConnectionPort older = _connections[device.Connection];
            shard.Edge.Detach(ref device);
            shard.Watching.Drop(older);
            shard.Outbox.Close(older, CloseCode.Replaced);
        }
        else if (device.IsOnLink)
        {
            shard.Links.Of(device).Set.Remove(device);
        }

        shard.Revocations.Held.Remove(node);
    }

    /// <summary>The home of a user has heard of a newer session of a device, at another edge: ours is over.</summary>
    /// <param name="sessionId">Of ours, when it was that one.</param>
    /// <param name="by">The newer session, when ours has not heard of it at once; else 0.</param>
    public void ReplacedElsewhere(ulong userId, ulong deviceKey, ulong sessionId, ulong by)
    {
        int node = FindOurs(userId, deviceKey, sessionId);
        if (node < 0)
        {
            return;
        }

        ref Device device = ref _users.DeviceAt(node);
        if (by != 0 && device.IsOnLink && _time.WallAt(shard.Edge.LastSeen(device)) > VersionClock.MsOf(by))
        {
            // Its gateway has been there and has come back, and what it says here is the newest.
            device.SessionId = shard.Versions.Next(_time.WallMs, by);
            shard.Homes.Up(new(userId, deviceKey, device.SessionId, Hidden: false));
            return;
        }

        device.LastSeenMs = (uint)shard.Edge.LastSeen(device);
        LeaveTo(node);
        Lapse(node);
    }

    // Who is home by now may know this session alone: then it is as one whose connection is lost.
    private void Lapse(int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsSpokenFor)
        {
            (device.Generation, device.Connection) = (0, Device.NoConnection);
        }

        device.State = DeviceState.Held;
        if (_users[_users.OwnerOf(node)].Has(UserFlags.Elsewhere))
        {
            shard.Homes.Held(node);
            Remove(node);
        }
        else
        {
            shard.Deadlines.ArmHold(node);
        }
    }

    /// <summary>The home of a user has no place for a device of ours, since it has as many as are allowed, or no room for its user: whoever brought it is told.</summary>
    public void RefusedElsewhere(in HomeWord word)
    {
        int node = FindOurs(word.UserId, word.DeviceKey, word.SessionId);
        if (node < 0)
        {
            return;
        }

        ref Device device = ref _users.DeviceAt(node);
        bool hasNoRoom = word.Kind == HomeWordKind.NoRoom;
        shard.Counters.SessionsRefused++;
        if (device.Connection >= 0)
        {
            ConnectionPort connection = _connections[device.Connection];
            shard.Edge.Detach(ref device);
            if (hasNoRoom)
            {
                shard.Edge.RejectFull(connection);
            }
            else
            {
                shard.Edge.Reject(connection, Errors.Limit(null, LimitNames.Devices, shard.Options.MaxDevices), CloseCode.Refused);
            }
        }
        else if (device.IsOnLink)
        {
            shard.Links.Of(device).Set.Refuse(word.UserId, device, hasNoRoom ? LinkRefusal.Users : LinkRefusal.Devices);
        }

        shard.Revocations.Held.Remove(node);
        Remove(node);
    }

    /// <summary>The device that an edge here has in that session; <see cref="UserTable.None"/>: it has another, or none.</summary>
    public int FindOurs(ulong userId, ulong deviceKey, ulong sessionId)
    {
        int node = _users.FindDeviceOf(userId, deviceKey);
        return node >= 0 && !_users.DeviceAt(node).IsRemote && _users.DeviceAt(node).SessionId == sessionId ? node : UserTable.None;
    }

    private void Remove(int node)
    {
        int entry = _users.OwnerOf(node);
        shard.Wheel.Cancel(node);
        shard.Presences.DeviceTexts.Set(node, null);
        _users.RemoveDevice(node);
        shard.Edge.RemoveIfEmpty(entry);
    }

    // The device of a Hello says what was shown before a restart.
    private static bool IsAs(in Device phantom, SessionUp up)
    {
        bool isAsBefore = up.InitialStatus == Status.Unspecified;
        return (phantom.Kinds == up.Kind || (isAsBefore && up.Kind == DeviceKinds.None)) && (isAsBefore || phantom.Status.Value == up.InitialStatus);
    }

    private static Status WantedStatus(SessionUp up, Status otherwise) =>
        up.InitialStatus == Status.Unspecified ? otherwise : up.InitialStatus;
}
