using Presence.V1;

namespace Presence.Simulation;

/// <summary>The truth beside a cluster, and what is held against it: every entry as it is written, and all views whenever nothing has been wrong for long enough.</summary>
internal sealed class ClusterTruth
{
    private const long LookEveryMs = 100;

    private readonly ClusterWorld _world;
    private readonly SortedDictionary<ulong, TrueMemberUser> _users = [];
    private readonly Dictionary<(ulong UserId, ulong Version), Shown> _said = [];
    private long _disturbedSinceMs;
    private long _unsettledSinceMs;
    private long _beginsAnewUntilMs = -1;
    private long _disturbedUntilMs;

    public ClusterTruth(ClusterWorld world)
    {
        _world = world;
        world.Agenda.In(LookEveryMs, Look);
    }

    // What is on its way arrives within that, when all is well.
    private long OnItsWayMs => 5_000 + _world.Plan.Settings.WalkMs;

    private long SettleMs => 8_000 + _world.Plan.Settings.WalkMs;

    /// <summary>Comparisons so far.</summary>
    public long Compared { get; private set; }

    /// <summary>The same for the same run.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>Updates that were written to anybody.</summary>
    public long Delivered { get; private set; }

    public bool IsDisturbed => _world.Agenda.Now <= _disturbedUntilMs;

    /// <summary>Something was wrong before now.</summary>
    public bool IsDisturbedBefore => IsDisturbed && _disturbedSinceMs < _world.Agenda.Now;

    // Nothing has been wrong for as long as anybody is held, whatever homes it had meanwhile.
    private bool IsAtRest => _world.Agenda.Now > _disturbedUntilMs + _world.Plan.Settings.EdgeHoldMs + SettleMs;

    private bool IsSettled => IsAtRest && _world.Agenda.Now > _beginsAnewUntilMs + _world.Plan.Settings.Options.HoldMs + SettleMs;

    /// <summary>Channels between nodes begin anew: what is said in that moment may be heard later, or not at all.</summary>
    public bool BeginsAnew => _world.Agenda.Now <= _beginsAnewUntilMs;

    /// <summary>Something was wrong since then.</summary>
    public bool WasDisturbedSince(long ms) => Math.Max(_disturbedUntilMs, _beginsAnewUntilMs) >= ms;

    public TrueMemberUser Of(ulong userId) => _users.TryGetValue(userId, out TrueMemberUser? user) ? user : _users[userId] = new(_world, userId);

    public bool IsUnsure(ulong userId) => Of(userId).IsUnsure;

    /// <summary>Something is wrong for so long.</summary>
    public void Disturbed(long forMs)
    {
        if (!IsDisturbed)
        {
            _disturbedSinceMs = _world.Agenda.Now;
        }

        if (IsAtRest)
        {
            _unsettledSinceMs = _world.Agenda.Now;
        }

        _disturbedUntilMs = Math.Max(_disturbedUntilMs, _world.Agenda.Now + forMs);
    }

    public void ChannelsBeginAnew(long forMs) => _beginsAnewUntilMs = Math.Max(_beginsAnewUntilMs, _world.Agenda.Now + forMs);

    public void Welcomed(ClusterConnection connection) => Of(connection.User).Welcomed(connection);

    public void Changed(ClusterConnection connection) => Of(connection.User).Change();

    public void Left(ClusterConnection connection) => Of(connection.User).Left(connection);

    /// <summary>It was told that a newer session has taken its place; that may be welcomed in the same turn.</summary>
    public void Replaced(ClusterConnection connection) => _world.Agenda.In(1, () => Of(connection.User).Replaced(connection));

    public void Asked(ClusterConnection connection, StatusSays says) => Of(connection.User).Ask(connection, says);

    public void Died(MemberProcess process)
    {
        foreach (ClusterConnection connection in process.Connections)
        {
            Changed(connection);
        }

        foreach (TrueMemberUser user in _users.Values)
        {
            user.Died(process);
        }
    }

    /// <summary>A member is declared dead: others are home of its users.</summary>
    public void DeclaredDead(Member member)
    {
        foreach (TrueMemberUser user in _users.Values)
        {
            user.Unshipped(member.Process?.SilentSinceMs ?? _world.Agenda.Now);
        }
    }

    /// <summary>All hear a member again that they have not heard since then.</summary>
    public void HeardAgain(MemberProcess process, long sinceMs)
    {
        long silentMs = _world.Agenda.Now - sinceMs;
        // Its sessions have to be named before their time is over.
        if (silentMs > _world.Plan.Settings.EdgeHoldMs - SettleMs && !_world.Faults.AllStoodStill)
        {
            process.UnknownUntilMs = _world.Agenda.Now + SettleMs;
        }

        Disturbed(OnItsWayMs);
    }

    public void Wrote(ClusterConnection connection, ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Ack:
                Of(connection.User).Answer(connection, frame.Ack.RequestId, isAcked: true);
                break;
            case ServerFrame.FrameOneofCase.Error:
                Of(connection.User).Answer(connection, frame.Error.RequestId, isAcked: false);
                break;
            case ServerFrame.FrameOneofCase.PresenceBatch:
                foreach (PresenceEntry entry in frame.PresenceBatch.Entries)
                {
                    Wrote(connection, entry, frame.PresenceBatch.Snapshot);
                }

                break;
        }
    }

    /// <summary>Everybody who watches sees what is sure.</summary>
    public void CompareAll()
    {
        foreach (ClusterClient client in _world.Clients.Where(static client => client.IsLive))
        {
            foreach ((ulong userId, long sinceMs) in client.Watched)
            {
                if (userId != client.UserId && _world.Agenda.Now - sinceMs > OnItsWayMs && client.Connection!.IsUp)
                {
                    Compare(client, Of(userId));
                }
            }
        }
    }

    private void Look()
    {
        _world.Agenda.In(LookEveryMs, Look);
        foreach (Member member in _world.Members)
        {
            member.LookWhoHears();
        }

        foreach (TrueMemberUser user in _users.Values)
        {
            user.Look();
        }

        if (IsSettled)
        {
            CompareAll();
        }
    }

    private void Compare(ClusterClient client, TrueMemberUser user)
    {
        if (_world.Agenda.Now - user.ChangedMs < OnItsWayMs || user.Sure() is not { } sure)
        {
            return;
        }

        Compared++;
        Shown? shown = client.View[user.Id]?.Shown;
        if (shown?.Status != sure)
        {
            string promise = sure == Status.Offline ? user.IsInvisible ? "P9" : "P4" : shown?.Status == Status.Offline ? "P3" : "P2";
            throw new ViolationException(promise, $"{client.DeviceKey} of user {client.UserId} at {client.Connection!.Process.Member.Ordinal} shows {shown?.ToString() ?? "nothing"} of who is {sure}; {user}");
        }

        if (sure == Status.Offline && user.IsPlain && shown is { } offline)
        {
            (long from, long to) = user.LastActive();
            if (offline.LastActiveMs < from || offline.LastActiveMs > to)
            {
                throw new ViolationException("P5", $"user {user.Id} is shown as last active at {offline.LastActiveMs} and was from {from} to {to}; {user}");
            }
        }
    }

    private void Wrote(ClusterConnection connection, PresenceEntry entry, bool isSnapshot)
    {
        Delivered += isSnapshot ? 0 : 1;
        if (entry.Status == Status.Unknown)
        {
            connection.Written.Remove(entry.UserId);
            return;
        }

        Compared++;
        Fingerprint = (Fingerprint * 31) ^ entry.Version ^ ((ulong)_world.Agenda.Now << 20) ^ entry.UserId;
        var shown = Shown.Of(entry);
        _world.Trace.Note(entry.UserId, $"{connection.DeviceKey} at {connection.Process.Member.Ordinal} is told {shown} as of {entry.Version}{(isSnapshot ? " (answer)" : "")}{(entry.Reset ? " (reset)" : "")}");
        if (entry.UserId == connection.User)
        {
            return;
        }

        CheckVersion(connection, entry, shown, isSnapshot);
        CheckTrue(entry, connection);
    }

    private void CheckVersion(ClusterConnection connection, PresenceEntry entry, Shown shown, bool isSnapshot)
    {
        if (entry.Version > 0 && !_said.TryAdd((entry.UserId, entry.Version), shown) && _said[(entry.UserId, entry.Version)] != shown)
        {
            throw new ViolationException("P2", $"version {entry.Version} of user {entry.UserId} is {_said[(entry.UserId, entry.Version)]} and {shown}");
        }

        if (connection.Written.TryGetValue(entry.UserId, out (ulong Version, Shown Shown) before))
        {
            if (!isSnapshot && !entry.Reset && entry.Version < before.Version)
            {
                throw new ViolationException("P2", $"{connection.DeviceKey} is told version {entry.Version} of user {entry.UserId} behind {before.Version}");
            }

            if (entry.Version > before.Version && shown.Status == Status.Offline && shown.LastActiveMs < before.Shown.LastActiveMs)
            {
                throw new ViolationException("P5", $"user {entry.UserId} is last active at {shown.LastActiveMs} behind {before.Shown.LastActiveMs}");
            }
        }

        if (entry.Reset || entry.Version >= before.Version)
        {
            connection.Written[entry.UserId] = (entry.Version, shown);
        }
    }

    // Whoever was gone before anything was wrong stays so.
    private static void CheckGone(PresenceEntry entry, ClusterConnection connection, TrueMemberUser user, long sinceMs)
    {
        if (entry.Status != Status.Offline && user.HereMs < sinceMs)
        {
            throw new ViolationException("P4", $"{connection.DeviceKey} at {connection.Process.Member.Ordinal} is told {entry.Status} as of {entry.Version} of who was there at {user.HereMs} at the latest (wrong since {sinceMs}); {user}");
        }
    }

    private void CheckTrue(PresenceEntry entry, ClusterConnection connection)
    {
        TrueMemberUser user = Of(entry.UserId);
        user.Look();
        long now = _world.Agenda.Now;
        CheckGone(entry, connection, user, (IsAtRest ? now : Math.Min(_unsettledSinceMs, now)) - OnItsWayMs);
        long sinceMs = (IsDisturbed ? Math.Min(_disturbedSinceMs, now) : now) - OnItsWayMs;
        string where = $"{connection.DeviceKey} at {connection.Process.Member.Ordinal}";
        if (entry.Status == Status.Offline && user.UncoveredMs < sinceMs)
        {
            throw new ViolationException("P3", $"{where} is told OFFLINE as of {entry.Version} of who is there, surely since {user.UncoveredMs} (now {now}, wrong since {sinceMs}); {user}");
        }

        if (entry.Status != Status.Offline && user.HiddenSinceMs < sinceMs)
        {
            throw new ViolationException("P9", $"{where} is told {entry.Status} as of {entry.Version} of who is invisible since {user.HiddenSinceMs} (now {now}); {user}");
        }
    }
}
