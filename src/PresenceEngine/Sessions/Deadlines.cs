using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Judges the deadlines of devices. Each device has one, for the nearest of its reasons; when it fires the truth is looked up (the cell of the
/// connection, the token's end) and the device is either let go or armed anew. Nothing here runs on a heartbeat.
/// </summary>
internal sealed class Deadlines(Shard shard)
{
    private const long BehindHomeMs = 1_000;

    // Whom somebody else may yet name.
    private const long LookAgainMs = 1_000;

    private readonly int[] _due = new int[TimingWheel.Batch];
    private readonly UserTable _users = shard.Users;
    private readonly ShardTime _time = shard.Time;
    private readonly ShardOptions _options = shard.Options;

    /// <returns>False when the budget was used up and more is due.</returns>
    public bool Fire(int budget)
    {
        while (budget > 0)
        {
            int taken = shard.Wheel.TakeDue(_time.Tick, _due);
            for (int i = 0; i < taken; i++)
            {
                int node = _due[i];
                shard.Wheel.PrefetchNext(i);
                // An earlier one of the batch may have taken this device with it: then it is gone, or armed anew.
                ref Device device = ref _users.DeviceAt(node);
                if (device.State != DeviceState.Gone && !device.Link.IsArmed)
                {
                    Visit(node, ref device);
                }
            }

            shard.Counters.DeadlinesVisited += taken;
            budget -= taken;
            if (taken < _due.Length)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Arms a live device for the nearest of its deadlines.</summary>
    /// <param name="node">Which.</param>
    public void Arm(int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        long due = SilentAt(device, shard.Edge.LastSeen(device));
        if (device.Connection >= 0)
        {
            ConnectionPort connection = shard.Connections[device.Connection];
            // From its next frame on what it was told last counts, though until then it may keep to a longer interval: frames arm nothing.
            due = Math.Min(due, _time.Now + shard.Pace.ToldSilentAfterMs(connection));
            due = Math.Min(due, TokenDue(connection));
            due = Math.Min(due, AwayDue(device, connection));
        }

        // A deadline that cannot be met now (a paused reader) is looked at again a tick later.
        due = Math.Max(due, _time.Now + 1);
        shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(due));
    }

    /// <summary>A device is held from now on.</summary>
    /// <param name="node">Which.</param>
    /// <param name="slotMs">So much longer than h: it was told to come back then. Negative: so much shorter, since it was held elsewhere for so long.</param>
    public void ArmHold(int node, long slotMs = 0)
    {
        // Judged at the home: an edge whose home is elsewhere forgets it behind that.
        long behind = _users[_users.OwnerOf(node)].Has(UserFlags.Elsewhere) ? BehindHomeMs : 0;
        shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(behind + _time.Now + Math.Max(0, slotMs + _options.HoldMs)));
    }

    /// <summary>How long a device that is held still is, by its edge: at most <see cref="BehindHomeMs"/> more than that.</summary>
    public long HoldLeftMs(in Device device) => Math.Max(0, ((long)device.Link.Deadline * TimingWheel.TickMs) - _time.Now);

    /// <summary>Until when a device on no link may be silent, engine time.</summary>
    /// <param name="device">Live.</param>
    /// <param name="lastSeen">Stamp of its last frame.</param>
    public long SilentAt(in Device device, long lastSeen) => _time.EngineOf(lastSeen)
        + (device.Connection >= 0 ? shard.Pace.SilentAfterMs(shard.Connections[device.Connection]) : _options.SilentAfterMs);

    private void Visit(int node, ref Device device)
    {
        switch (device.State)
        {
            case not DeviceState.Recovering when shard.IsStopping && !device.IsRemote:
                // The next process judges it.
                shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(_time.Now + LookAgainMs));
                break;
            case DeviceState.Live when device.IsOnLink:
                shard.Links.Visit(node, ref device);
                break;
            case DeviceState.Live when device.IsRemote:
                // A lease: that it is over its edge says, whose time may have stood still.
                break;
            case DeviceState.Held when shard.Nodes is { } nodes && nodes.Namings.KeptUntilMs(device.Key) > _time.Now:
                shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(_time.Now + LookAgainMs));
                break;
            case DeviceState.Held or DeviceState.Recovering when shard.Nodes is { } nodes && !nodes.MayJudge(_users.OwnerOf(node)):
                shard.Wheel.Arm(node, TimingWheel.TickAtOrAfter(_time.Now + LookAgainMs));
                break;
            case DeviceState.Held:
                shard.Edge.Down(node, _time.WallAt(shard.Edge.LastSeen(device)), TransitionCause.HoldOver);
                break;
            case DeviceState.Recovering:
                shard.Home.RecoveringOver(node);
                break;
            case DeviceState.Live when device.Connection >= 0:
                VisitConnected(node, ref device, shard.Connections[device.Connection]);
                break;
            case DeviceState.Live:
                VisitLease(node, device);
                break;
        }
    }

    private void VisitConnected(int node, ref Device device, ConnectionPort connection)
    {
        if (connection.ReaderPaused)
        {
            connection.LastFrameMs = _time.Stamp;
        }

        long lastSeen = shard.Edge.LastSeen(device);
        if (_time.Now >= SilentAt(device, lastSeen))
        {
            shard.Edge.Down(node, _time.WallAt(lastSeen), TransitionCause.Silent);
            shard.Edge.Close(connection, CloseCode.HeartbeatTimeout);
            return;
        }

        if (_time.WallMs >= connection.TokenExpiresMs)
        {
            shard.Edge.Close(connection, CloseCode.TokenExpired);
            return;
        }

        WarnOfToken(connection);
        if (_time.Now >= AwayDue(device, connection))
        {
            device.Set(DeviceFlags.ServerAway, true);
            shard.Homes.ActivityChanged(node);
        }

        Arm(node);
    }

    private void VisitLease(int node, in Device device)
    {
        long lastSeen = shard.Edge.LastSeen(device);
        if (_time.Now >= SilentAt(device, lastSeen))
        {
            shard.Edge.Down(node, _time.WallAt(lastSeen), TransitionCause.LeaseOver);
        }
        else
        {
            Arm(node);
        }
    }

    private void WarnOfToken(ConnectionPort connection)
    {
        long left = connection.TokenExpiresMs - _time.WallMs;
        if (!connection.Has(ConnectionFlags.TokenWarned) && left <= _options.TokenWarningMs)
        {
            connection.Set(ConnectionFlags.TokenWarned, true);
            shard.Outbox.Send(connection, new ServerFrame { TokenExpiring = new TokenExpiring { InMs = (uint)left } });
        }
    }

    // Token times are wall times: looked at on the engine's clock, judged on the wall's.
    private long TokenDue(ConnectionPort connection)
    {
        long left = connection.TokenExpiresMs - _time.WallMs;
        return _time.Now + (connection.Has(ConnectionFlags.TokenWarned) ? left : left - _options.TokenWarningMs);
    }

    private long AwayDue(in Device device, ConnectionPort connection)
    {
        bool applies = _options.AwayAfterMs > 0
            && device.Has(DeviceFlags.ReportsActivity)
            && !device.Has(DeviceFlags.ServerAway)
            && device.Status.Value == Status.Online;
        return applies ? connection.LastActivityMs + _options.AwayAfterMs : long.MaxValue;
    }
}
