namespace Presence.Engine;

/// <summary>
/// The gateway links of a shard: what they say waits here for its slice of a turn, and their connections, of those that this shard owns,
/// are written to from here.
/// </summary>
internal sealed class GatewayLinks(Shard shard)
{
    private readonly GatewayLink?[] _byOrdinal = new GatewayLink?[shard.Options.MaxGateways];
    private readonly LinkSweep _sweep = new(shard);
    private int _first;

    public LinkSessions Sessions { get; } = new(shard);

    public WatchAllLinks Watchers { get; } = new(shard);

    /// <summary>There is more to do at once.</summary>
    public bool HasWork { get; private set; }

    /// <summary>Users who are up on links.</summary>
    public int Users => All.Sum(link => link.Set.Users);

    /// <summary>Links that have begun.</summary>
    public IEnumerable<GatewayLink> All => _byOrdinal.OfType<GatewayLink>();

    /// <summary>
    /// Links that began while users of before a restart were still shown as before, and have not named their sets: some of those may be
    /// theirs.
    /// </summary>
    public int HoldingRecovery { get; set; }

    /// <summary>Some set is being named here, as of the last tick.</summary>
    public bool IsAnyNamed { get; private set; }

    /// <summary>The sets that are being named here.</summary>
    public IEnumerable<LinkNaming> Namings => IsAnyNamed ? All.Where(static link => link.IsResyncing).Select(static link => new LinkNaming(link.DeviceKey, link.NamingLeftMs)) : [];

    public GatewayLink Of(in Device device) => _byOrdinal[device.Gateway]!;

    /// <summary>Queues what a link says; the host bounds it by what it has not been told to be done with.</summary>
    public void Enqueue(LinkMessage message)
    {
        Of(message.Of).Enqueue(message);
        HasWork = true;
    }

    /// <summary>Does what there is to do, within the budget of a turn.</summary>
    public void Advance()
    {
        if (!HasWork)
        {
            return;
        }

        HasWork = AdvanceQueues();
        HasWork |= !_sweep.Advance(_byOrdinal) | !Watchers.Advance();
    }

    /// <summary>A link has users who go with it.</summary>
    public void BeginSweep()
    {
        _sweep.Begin();
        HasWork = true;
    }

    /// <summary>Looks at the links' own deadlines; once a tick.</summary>
    public void Tick()
    {
        IsAnyNamed = false;
        foreach (GatewayLink? link in _byOrdinal)
        {
            if (link is not null)
            {
                link.Tick();
                IsAnyNamed |= link.IsResyncing;
                HasWork |= link.Set.Sweeps;
                shard.Counters.LinkSessions[link.Ordinal] = link.Set.Users;
            }
        }
    }

    /// <summary>The deadline of a device on a link has come.</summary>
    public void Visit(int node, ref Device device)
    {
        GatewayLink link = Of(device);
        long now = shard.Time.Now;
        long lastSeen = device.LastSeenAt(shard.Time.Stamp);
        long silentAt = link.SilentAt(shard.Time.EngineOf(lastSeen), now);
        long heardUpTo = link.HeardUpTo(now);
        if (silentAt <= heardUpTo)
        {
            Sessions.Down(link, node, shard.Time.WallAt(lastSeen), TransitionCause.Silent);
            return;
        }

        // What was said in time may still wait in the queue: looked at again when that much more has been applied.
        long due = Math.Max(silentAt, now + 1) + now - heardUpTo;
        shard.Wheel.Arm(node, ref device.Link, TimingWheel.TickAtOrAfter(due));
    }

    public void Attach(ConnectionPort connection, int gateway)
    {
        shard.Connections.Add(connection);
        connection.LastFrameMs = shard.Time.Stamp;
        connection.TokenExpiresMs = long.MaxValue;
        GatewayLink link = Of(gateway);
        if (link.Connection is { } older)
        {
            shard.Edge.Close(older, V1.CloseCode.Replaced);
        }

        link.Connection = connection;
        connection.Gateway = gateway;
        connection.WriteWelcome(new(SessionId: 0, Resumed: false, FirstHeartbeatAfterMs: 0, shard.Time.WallMs));
        shard.Outbox.FlushLater(connection);
        if (shard.IsStopping)
        {
            shard.Draining.TellLate(connection);
        }
    }

    /// <summary>The connection is no longer its link's; what becomes of the users is said by <see cref="LinkEnds"/>.</summary>
    public void Detach(ConnectionPort connection)
    {
        Watchers.Remove(connection);
        GatewayLink link = Of(connection.Gateway);
        link.Connection = link.Connection == connection ? null : link.Connection;
        connection.Gateway = -1;
    }

    /// <summary>A link reads again: it is told what it has missed.</summary>
    public void Drained() => HasWork = true;

    public void WatchAll(ConnectionPort connection, ulong requestId)
    {
        if (connection.Gateway >= 0)
        {
            Watchers.Add(connection);
            shard.Outbox.Ack(connection, requestId, 0);
        }
    }

    // The next turn begins behind the first link that had more to say than there was room for. True while something waits.
    private bool AdvanceQueues()
    {
        int budget = shard.Options.Budget.LinkBeats;
        int first = _first;
        bool waits = false;
        for (int i = 0; i < _byOrdinal.Length; i++)
        {
            if (_byOrdinal[(first + i) % _byOrdinal.Length] is not { Waiting: > 0 } link)
            {
                continue;
            }

            link.Advance(ref budget);
            shard.Counters.LinkSessions[link.Ordinal] = link.Set.Users;
            if (link.Waiting > 0 && !waits)
            {
                _first = link.Ordinal + 1;
                waits = true;
            }
        }

        return waits;
    }

    private GatewayLink Of(int ordinal) => _byOrdinal[ordinal] ??= new GatewayLink(shard, ordinal);
}
