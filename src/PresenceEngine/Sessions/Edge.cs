using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The edge role for sessions: brings them up on connections, refreshes and holds them, and reports to the home what it must know. Deadlines
/// are judged in <see cref="Deadlines"/>; devices without a connection are in <see cref="Leases"/>.
/// </summary>
internal sealed class Edge(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly Connections _connections = shard.Connections;
    private readonly ShardTime _time = shard.Time;
    private readonly ShardOptions _options = shard.Options;

    public void Up(SessionUp up)
    {
        ConnectionPort connection = up.Connection;
        _connections.Add(connection);
        connection.UserId = up.UserId;
        connection.TokenExpiresMs = up.TokenExpiresMs;
        connection.LastActivityMs = _time.Now;
        connection.LastFrameMs = _time.Stamp;
        connection.Token = up.Token;
        if (shard.Revocations.Refuses(up))
        {
            return;
        }

        if (!HasRoomFor(up.UserId))
        {
            shard.Counters.SessionsRefused++;
            RejectFull(connection);
            return;
        }

        int entry = FindOrLoad(up.UserId);
        int node = _users.FindDevice(entry, up.DeviceKey);
        bool known = node >= 0;
        if (!known && _users[entry].Devices >= _options.MaxDevices)
        {
            shard.Counters.SessionsRefused++;
            Reject(connection, Errors.Limit(null, LimitNames.Devices, _options.MaxDevices), CloseCode.Refused);
            return;
        }

        node = known ? node : _users.AddDevice(entry);
        bool unseen = shard.Takeovers.IsUnseen(entry, node, known, up);
        connection.Set(ConnectionFlags.CameBackAsBefore, known && unseen && _users.DeviceAt(node).Said == _users.DeviceAt(node).Status.Value);
        shard.Takeovers.TakeOver(node, known, up);
        ref Device device = ref _users.DeviceAt(node);
        if (device.IsInFold)
        {
            Recovery.RemovePhantom(shard, entry);
        }

        shard.Counters.SessionsOpened++;
        shard.Counters.SessionsResumed += unseen ? 1 : 0;
        connection.WriteWelcome(new(device.SessionId, unseen, FirstHeartbeatAfter(), _time.WallMs));
        shard.Outbox.FlushLater(connection);
        shard.Deadlines.Arm(node);
        shard.Homes.Up(new(up.UserId, up.DeviceKey, device.SessionId, up.Hidden));
        if (shard.IsStopping)
        {
            shard.Draining.TellLate(connection);
        }
    }

    /// <summary>The reader's last word.</summary>
    public void Lost(ConnectionPort connection)
    {
        if (connection.Slot < 0)
        {
            // Never up, or lost before.
            connection.Released();
            return;
        }

        if (!connection.Has(ConnectionFlags.Closing))
        {
            shard.Counters.Lost++;
        }

        connection.Set(ConnectionFlags.Lost, true);
        Leave(connection);
        shard.Outbox.Congested.Remove(connection);
        _connections.Remove(connection);
        connection.Released();
    }

    /// <summary>
    /// A session's device leaves now. A link only closes: its users leave by the <see cref="LinkEnds"/> that every shard is told.
    /// </summary>
    public void Goodbye(ConnectionPort connection)
    {
        if (!connection.Speaks)
        {
            // It was told to leave meanwhile, and says that it does not come back.
            if (FindHeld(connection) is >= 0 and var held)
            {
                Down(held, _time.WallMs, TransitionCause.Goodbye);
            }

            return;
        }

        if (connection.Node >= 0)
        {
            Down(connection.Node, _time.WallMs, TransitionCause.Goodbye);
        }
        else
        {
            shard.Links.Detach(connection);
        }

        shard.Outbox.Close(connection, CloseCode.Unspecified);
    }

    public void Beat(ConnectionPort connection, HeartbeatFlags flags)
    {
        shard.Counters.FlaggedBeats++;
        if ((flags & HeartbeatFlags.Active) != 0)
        {
            Active(connection);
        }

        if ((flags & HeartbeatFlags.WantAck) != 0)
        {
            shard.Outbox.BeatAck(connection);
        }
    }

    public void SetStatus(SetStatusRequest request)
    {
        ConnectionPort connection = request.Connection;
        if (connection.Node < 0)
        {
            return;
        }

        connection.LastActivityMs = _time.Now;
        if (shard.Overload.Sheds(OverloadStep.Texts) && IsTextAlone(connection.Node, request))
        {
            shard.Counters.Sheds.Add(ShedClass.Texts);
            shard.Outbox.Error(connection, Errors.Shed(request.RequestId, Overload.StatusText, shard.Overload.RetryAfterMs));
            return;
        }

        request.Key = _users.DeviceAt(connection.Node).Key;
        shard.Homes.SetStatus(request);
    }

    public void RefreshToken(ConnectionPort connection, ulong requestId, long expiresMs, in TokenMark token)
    {
        if (connection.Node < 0 || shard.Revocations.Ends(connection, token))
        {
            return;
        }

        connection.TokenExpiresMs = expiresMs;
        connection.Token = token;
        connection.Set(ConnectionFlags.TokenWarned, false);
        shard.Deadlines.Arm(connection.Node);
        shard.Outbox.Ack(connection, requestId, 0);
    }

    public void Complain(ConnectionPort connection, Error error) => shard.Outbox.Error(connection, error);

    /// <summary>Says what was wrong and closes; the session, if there is one, is held as after any loss.</summary>
    public void Reject(ConnectionPort connection, Error error, CloseCode code)
    {
        if (connection.Slot < 0)
        {
            return;
        }

        shard.Outbox.Error(connection, error);
        Close(connection, code);
    }

    /// <summary>There is no room for its user, here or at its home.</summary>
    public void RejectFull(ConnectionPort connection)
    {
        long comeBackAfterMs = (_options.HeartbeatIntervalMs / 2) + shard.Random.NextInt64(_options.HeartbeatIntervalMs);
        Reject(connection, Errors.Full(_options.MaxUsers, (uint)comeBackAfterMs), CloseCode.Overloaded);
    }

    /// <summary>Closes a connection; its session is held.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="code">Why.</param>
    /// <param name="slotMs">When its client is to come back, from now on; null: as it likes.</param>
    public void Close(ConnectionPort connection, CloseCode code, uint? slotMs = null)
    {
        Leave(connection);
        shard.Outbox.Close(connection, code, slotMs);
    }

    /// <summary>A device is gone for good.</summary>
    /// <param name="node">Which.</param>
    /// <param name="lastSeenMs">Unix ms of its last sign of life. Engine time would not do: the moments before and after a gap are one.</param>
    /// <param name="cause">Why.</param>
    public void Down(int node, long lastSeenMs, TransitionCause cause)
    {
        ref Device device = ref _users.DeviceAt(node);
        int entry = _users.OwnerOf(node);
        if (!device.IsRemote && device.State != DeviceState.Recovering)
        {
            // It may be another's by a ring whose walk has not come to it: that home has to hear of it, and then that it is gone.
            shard.Home.HandOver.Follow(entry);
        }

        // An observer is no sign of life: who watches unseen must not be seen to have left.
        long tookMs = Detection.OfGoing(shard, device, lastSeenMs, cause);
        var down = new DeviceDown(_users[entry].UserId, device.Key, device.SessionId, device.IsInFold ? lastSeenMs : -1, cause, tookMs);
        Detach(ref device);
        shard.Revocations.Held.Remove(node);
        shard.Wheel.Cancel(node);
        device.State = DeviceState.Gone;
        shard.Homes.Down(down);
        shard.Presences.DeviceTexts.Set(node, null);
        _users.RemoveDevice(node);
        RemoveIfEmpty(entry);
    }

    /// <summary>Forgets a user without devices. One that is being loaded is kept until the store has answered.</summary>
    public void RemoveIfEmpty(int entry)
    {
        ref UserEntry user = ref _users[entry];
        if (user.Devices == 0 && !user.Has(UserFlags.Loading))
        {
            shard.Home.Leave(entry);
            _users.Remove(entry);
        }
    }

    /// <summary>Stamp of the last frame of a device.</summary>
    public long LastSeen(in Device device)
    {
        if (device.Connection >= 0)
        {
            return Math.Min(_connections[device.Connection].LastFrameMs, _time.Stamp);
        }

        return device.LastSeenAt(_time.Stamp);
    }

    /// <summary>The user is in memory, or may come into it.</summary>
    public bool HasRoomFor(ulong userId) => _users.HasRoom || _users.Find(userId) >= 0;

    /// <summary>The user's entry; one that was not in memory begins to be loaded.</summary>
    public int FindOrLoad(ulong userId)
    {
        int entry = shard.Home.HandOver.Follow(userId);
        if (entry < 0)
        {
            entry = _users.Add(userId);
            shard.Homes.Load(entry);
        }

        // Who comes by itself has been let in.
        _users[entry].Set(UserFlags.IfKnown, false);
        return entry;
    }

    /// <summary>What was shown before goes on, in what the device has not said itself.</summary>
    /// <returns>Whether its user has been active meanwhile: it is AWAY no more.</returns>
    public bool GoOn(ref Device device, Status before, DeviceKinds kindsBefore)
    {
        device.GoOn(before, kindsBefore);
        if (!device.Has(DeviceFlags.ServerAway) || device.Connection < 0 || !_connections[device.Connection].Has(ConnectionFlags.ActiveMeanwhile))
        {
            return false;
        }

        device.Set(DeviceFlags.ServerAway, false);
        return true;
    }

    // What speaks through the connection does so no more: a session is held, a link's users are as LinkEnds says.
    private void Leave(ConnectionPort connection)
    {
        if (connection.Node >= 0)
        {
            Hold(connection);
        }
        else if (connection.Gateway >= 0)
        {
            shard.Links.Detach(connection);
        }

        shard.Watching.Drop(connection);
    }

    private void Hold(ConnectionPort connection)
    {
        int node = connection.Node;
        ref Device device = ref _users.DeviceAt(node);
        device.LastSeenMs = (uint)LastSeen(device);
        shard.Revocations.Held.Set(node, connection.Token);
        Detach(ref device);
        device.State = DeviceState.Held;
        shard.Deadlines.ArmHold(node);
        shard.Homes.Held(node);
    }

    // The device whose session was this connection's, and nobody's since; -1 when there is none.
    private int FindHeld(ConnectionPort connection)
    {
        int entry = connection.SessionId == 0 ? -1 : _users.Find(connection.UserId);
        if (entry < 0)
        {
            return -1;
        }

        foreach (int node in _users.DevicesOf(entry))
        {
            ref Device device = ref _users.DeviceAt(node);
            if (device.SessionId == connection.SessionId && device.State == DeviceState.Held)
            {
                return node;
            }
        }

        return -1;
    }

    /// <summary>The connection speaks for the device no more.</summary>
    public void Detach(ref Device device)
    {
        if (device.Connection >= 0)
        {
            ConnectionPort connection = _connections[device.Connection];
            shard.Pace.Forget(connection);
            connection.Node = -1;
            device.Connection = Device.NoConnection;
        }
    }

    private void Active(ConnectionPort connection)
    {
        connection.LastActivityMs = _time.Now;
        if (connection.Node < 0)
        {
            return;
        }

        ref Device device = ref _users.DeviceAt(connection.Node);
        if (device.Has(DeviceFlags.ServerAway))
        {
            device.Set(DeviceFlags.ServerAway, false);
            shard.Homes.ActivityChanged(connection.Node);
        }

        connection.Set(ConnectionFlags.ActiveMeanwhile, device.Has(DeviceFlags.AsBefore));
    }

    // Nobody's presence is another by it.
    private bool IsTextAlone(int node, SetStatusRequest request)
    {
        ref Device device = ref _users.DeviceAt(node);
        return !request.IsOfHello && request.Status == device.Said && request.Status is not (Status.Invisible or Status.Offline) && !device.Has(DeviceFlags.ServerAway)
            && !_users[_users.OwnerOf(node)].Has(UserFlags.Invisible | UserFlags.Loading)
            && !StatusTexts.Same(request.Text, shard.Presences.DeviceTexts.Of(node));
    }

    private uint FirstHeartbeatAfter() => (uint)shard.Random.NextInt64(_options.HeartbeatIntervalMs + 1);
}
