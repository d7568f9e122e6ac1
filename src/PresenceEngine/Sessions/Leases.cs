using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Devices over HTTP: a lease lives from one repetition of its status to the next without a connection, and OFFLINE ends all that the user has over
/// HTTP, streams included.
/// </summary>
internal sealed class Leases(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;

    public void Renew(LeaseRequest request)
    {
        if (request.Status == Status.Offline)
        {
            EndAll(request);
            return;
        }

        if (request.Token is { } token && shard.Revocations.Concerns(request.UserId, token))
        {
            request.Revoked();
            return;
        }

        if (!shard.Edge.HasRoomFor(request.UserId))
        {
            shard.Counters.Sheds.Add(ShedClass.Sessions);
            Refuse(request, ShardOptions.Users, shard.Options.MaxUsers);
            return;
        }

        int entry = shard.Edge.FindOrLoad(request.UserId);
        int node = _users.FindDevice(entry, request.DeviceKey);
        if (node < 0 && _users[entry].Devices >= shard.Options.MaxDevices)
        {
            Refuse(request, LimitNames.Devices, shard.Options.MaxDevices);
            return;
        }

        node = node >= 0 ? node : New(entry, request);
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsRemote)
        {
            ComeHere(node, ref device);
        }

        if (device.IsInFold)
        {
            Recovery.RemovePhantom(shard, entry);
        }

        if (device.Connection == Device.NoConnection)
        {
            device.State = DeviceState.Live;
            device.LastSeenMs = (uint)_time.Stamp;
            shard.Deadlines.Arm(node);
            Note(node, request.Token);
        }

        shard.Homes.SetStatus(request);
    }

    private void Refuse(LeaseRequest request, string limit, int allowed)
    {
        shard.Counters.Limits.Hit(limit);
        request.Refused(limit, allowed);
    }

    // The last to renew it is whose it is.
    private void Note(int node, TokenMark? token)
    {
        if (token is { } mark)
        {
            shard.Revocations.Held.Set(node, mark);
        }
        else
        {
            shard.Revocations.Held.Remove(node);
        }
    }

    private int New(int entry, LeaseRequest request)
    {
        int node = _users.AddDevice(entry);
        ref Device device = ref _users.DeviceAt(node);
        device.Key = request.DeviceKey;
        device.SessionId = shard.Versions.Next(_time.WallMs);
        // Seen from when its change is applied, which the user's rate may delay; who is invisible is not seen at all.
        device.Status = request.Status == Status.Invisible ? Status.Online : Status.Offline;
        device.Set(DeviceFlags.Http, true);
        return node;
    }

    // It was renewed at another node before.
    private void ComeHere(int node, ref Device device)
    {
        shard.Takeovers.ComeHere(node);
        device.SessionId = shard.Versions.Next(_time.WallMs, device.SessionId);
        device.Set(DeviceFlags.Http, true);
    }

    private void EndAll(LeaseRequest request)
    {
        ulong upTo = shard.Versions.Next(_time.WallMs);
        shard.Homes.Left(request, End(request.UserId, upTo), upTo);
    }

    /// <summary>All that a user has over HTTP ends, as far as it is known here: by its home at every node.</summary>
    /// <param name="upTo">Sessions that began behind it go on.</param>
    /// <returns>Somebody saw it there.</returns>
    public bool End(ulong userId, ulong upTo)
    {
        // Who has another home by now may be nobody here any more.
        int entry = shard.Home.HandOver.Follow(userId);
        if (entry < 0)
        {
            return false;
        }

        bool wasSeen = false;
        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            if (device.Has(DeviceFlags.Http) && device.SessionId <= upTo)
            {
                wasSeen |= device.IsInFold;
                End(node, ref device, upTo);
            }
        }

        return wasSeen;
    }

    /// <summary>The home has ended a device of ours, by its user's word at another node.</summary>
    public void Ended(in HomeWord word)
    {
        int node = shard.Takeovers.FindOurs(word.UserId, word.DeviceKey, word.SessionId);
        if (node < 0)
        {
            return;
        }

        ref Device device = ref _users.DeviceAt(node);
        if (HttpLeavings.Outlives(RemoteHomes.WayOf(device), _time.WallAt(shard.Edge.LastSeen(device)), word.Version))
        {
            // The home may not have heard of that.
            shard.Homes.Up(new(word.UserId, word.DeviceKey, word.SessionId, Hidden: false));
            return;
        }

        End(node, ref device, word.Version);
    }

    private void End(int node, ref Device device, ulong upTo)
    {
        if (device.IsRemote)
        {
            shard.Nodes!.Words.End(_users[_users.OwnerOf(node)].UserId, device.Edge.Node, device.Key, device.SessionId, upTo);
        }

        ConnectionPort? stream = device.Connection >= 0 ? shard.Connections[device.Connection] : null;
        shard.Edge.Down(node, _time.WallMs, TransitionCause.Explicit);
        if (stream is not null)
        {
            shard.Watching.Drop(stream);
            shard.Outbox.Close(stream, CloseCode.Unspecified);
        }
    }
}
