using Presence.V1;

namespace Presence.Simulation;

/// <summary>What is true of one user, as far as anybody can know it who sees all clients and nodes, and nothing of the engine.</summary>
internal sealed class TrueMemberUser(ClusterWorld world, ulong id)
{
    // A second sign of a turn, a tick, and the way there.
    private const long SlackMs = 1_500;

    // From a word's reading until its shard's turn, which stamps a Goodbye.
    private const long TurnMs = 5;

    // What was asked on a connection that is gone may be done until then.
    private const long AsksForMs = 15_000;

    private readonly List<ClusterConnection> _connections = [];
    private long _unsureUntilMs;

    // Where the choice to be invisible is known beside the home, and until when nobody else may know of it.
    private ClusterConnection? _holder;
    private long _heldUntilMs;

    // Until when only its home may know that it has chosen to be seen again.
    private long _seenUntilMs;

    // A session that its edge has welcomed is known to its home by then, when all hear each other.
    private long KnownAfterMs => 3_000 + world.Plan.Settings.WalkMs;

    // A new home has heard from the edges by then what they know.
    private long HandedOverMs => 10_000 + world.Plan.Settings.WalkMs;

    public ulong Id => id;

    /// <summary>When something about it changed last.</summary>
    public long ChangedMs { get; private set; }

    /// <summary>When it was last not sure to be shown.</summary>
    public long UncoveredMs { get; private set; } = world.Agenda.Now;

    /// <summary>When one of its devices may last have been shown, by the latest time at which all homes had to know that it is gone.</summary>
    public long HereMs { get; private set; } = world.Agenda.Now;

    /// <summary>It has chosen so, and that is acknowledged.</summary>
    public bool IsInvisible { get; private set; }

    /// <summary>Nobody knows whether it is invisible.</summary>
    public bool IsUnsure { get; private set; }

    /// <summary>Since when nobody may be told that it is there.</summary>
    public long HiddenSinceMs { get; private set; } = long.MaxValue;

    /// <summary>It was always to be seen: its last-active time is plain.</summary>
    public bool IsPlain { get; private set; } = true;

    public void Welcomed(ClusterConnection connection)
    {
        if (connection.Said == Status.Unspecified)
        {
            GoOn(connection);
        }

        _connections.Add(connection);
        IsPlain &= connection.Said != Status.Offline;
        Change();
    }

    /// <summary>Something became of one of its connections.</summary>
    public void Change()
    {
        ChangedMs = world.Agenda.Now;
        // What an edge could not say to a home is lost with the session.
        IsPlain &= !world.Truth.IsDisturbedBefore && !world.Truth.BeginsAnew;
    }

    /// <summary>A process is gone, and with it what it had not shipped.</summary>
    public void Died(MemberProcess process)
    {
        Unshipped(world.Agenda.Now);
        if (_holder?.Process == process && world.Agenda.Now <= _heldUntilMs)
        {
            Doubt();
        }
    }

    /// <summary>Nobody hears from then on of what a node has not shipped.</summary>
    public void Unshipped(long fromMs)
    {
        if (fromMs <= _seenUntilMs)
        {
            Doubt();
        }

        long changedMs = _connections.Select(GoneBy).Where(goneBy => goneBy <= fromMs).Append(ChangedMs).Max();
        IsPlain &= fromMs - changedMs > world.Plan.Settings.ShipMs + world.Plan.Settings.SyncMs + SlackMs;
    }

    /// <summary>One of its devices is gone, at once.</summary>
    public void Left(ClusterConnection connection)
    {
        UncoveredMs = world.Agenda.Now;
        connection.IsUnnamed = world.Truth.BeginsAnew;
        Change();
        if (connection.LeftMs is not null)
        {
            world.Faults.Chose(id, connection);
        }
    }

    /// <summary>One of its sessions was ended because of a newer one of the same device: there has to be one.</summary>
    public void Replaced(ClusterConnection connection)
    {
        ClusterConnection[] newer = [.. _connections.Where(one => one.DeviceKey == connection.DeviceKey && one.SessionNumber > connection.SessionNumber)];
        // While something is wrong a session may get a number beyond that of one that its client begins later.
        bool isInOrder = Array.Exists(newer, one => one.Number > connection.Number) || (newer.Length > 0 && world.Truth.WasDisturbedSince((connection.WelcomedMs ?? 0) - KnownAfterMs));
        if (!isInOrder)
        {
            throw new ViolationException("P3", $"{connection.DeviceKey} at {connection.Process.Member.Ordinal} is replaced by {(newer.Length == 0 ? "nobody" : "an older session")}; {this}");
        }
    }

    public void Ask(ClusterConnection connection, StatusSays says)
    {
        IsPlain &= says.Status is not (Status.Offline or Status.Invisible);
        if (says.Status is Status.Offline or Status.Invisible)
        {
            UncoveredMs = world.Agenda.Now;
        }

        if (says.Status != Status.Offline)
        {
            HiddenSinceMs = long.MaxValue;
            if (_connections.Any(static one => one.Asked.Count > 0))
            {
                IsUnsure = true;
                _unsureUntilMs = Math.Max(_unsureUntilMs, world.Agenda.Now + AsksForMs);
            }
        }

        connection.Asked[says.RequestId] = says.Status;
        connection.AskedMs = world.Agenda.Now;
        Change();
    }

    public void Answer(ClusterConnection connection, ulong requestId, bool isAcked)
    {
        if (!connection.Asked.Remove(requestId, out Status status))
        {
            return;
        }

        if (!isAcked)
        {
            // It may be shown all the same, now or later.
            Doubt();
            connection.IsDoubtful = true;
        }
        else if (status is not (Status.Offline or Status.Invisible))
        {
            connection.Said = status;
            connection.IsDoubtful = false;
            Choose(connection, isInvisible: false);
        }
        else if (status == Status.Invisible)
        {
            Choose(connection, isInvisible: true);
        }
        else
        {
            connection.Said = status;
        }

        Change();
    }

    /// <summary>Looks what is sure now.</summary>
    public void Look()
    {
        long now = world.Agenda.Now;
        foreach (ClusterConnection connection in _connections)
        {
            connection.IsKnown |= !world.Truth.BeginsAnew && connection.Process.SilentSinceMs is null && !connection.Process.IsDead && now - connection.WelcomedMs >= KnownAfterMs;
            if (connection.Asked.Count > 0 && !connection.IsUp)
            {
                connection.Asked.Clear();
                Doubt();
            }
        }

        if (world.Shared.IsAway)
        {
            _heldUntilMs = now <= _heldUntilMs ? ShippedByMs : _heldUntilMs;
            _seenUntilMs = now <= _seenUntilMs ? ShippedByMs : _seenUntilMs;
        }

        if (_holder is { IsUp: false } && world.Truth.IsDisturbed && now <= _heldUntilMs)
        {
            _holder = null;
            Doubt();
        }

        if (_connections.Exists(connection => !IsSuperseded(connection) && MayBeHere(connection)))
        {
            HereMs = now;
        }

        bool isHidden = IsInvisible && !IsUnsure && !_connections.Any(static one => one.Asked.ContainsValue(Status.Online) || one.Asked.ContainsValue(Status.Away) || one.Asked.ContainsValue(Status.Busy));
        HiddenSinceMs = isHidden ? Math.Min(HiddenSinceMs, now) : long.MaxValue;
        bool mayHide = IsInvisible || IsUnsure || _connections.Any(static one => one.Asked.ContainsValue(Status.Invisible));
        if (mayHide || !_connections.Exists(connection => connection.IsKnown && connection.Said != Status.Offline && !connection.Asked.ContainsValue(Status.Offline) && !IsSuperseded(connection) && CoveredUntil(connection) > now))
        {
            UncoveredMs = now;
        }
    }

    /// <summary>What everybody is to see, when that is sure.</summary>
    public Status? Sure()
    {
        long now = world.Agenda.Now;
        Status best = Status.Offline;
        foreach (ClusterConnection connection in _connections.Where(connection => !IsSuperseded(connection)))
        {
            if (GoneBy(connection) + SlackMs < now)
            {
                continue;
            }

            bool isLive = connection.IsUp && !connection.Process.IsDead && connection.Asked.Count == 0 && !connection.IsDoubtful && connection.IsKnown
                && now - connection.HeardMs < world.Plan.Settings.Options.HeartbeatIntervalMs + world.Plan.Settings.Options.ToleranceMs;
            if (!isLive)
            {
                return null;
            }

            best = connection.Said > best ? connection.Said : best;
        }

        return IsUnsure && best != Status.Offline ? null : IsInvisible ? Status.Offline : best;
    }

    /// <summary>When it may have been last active, Unix ms, by those who saw it.</summary>
    public (long From, long To) LastActive()
    {
        (long from, long to) = (-1, -1);
        foreach (ClusterConnection connection in _connections)
        {
            bool isExact = connection.LeftMs is not null || (connection.LostMs is not null && connection.GoneMs is null);
            from = Math.Max(from, connection.HeardWallMs);
            to = Math.Max(to, isExact ? connection.HeardWallMs + TurnMs : connection.Process.IsDead ? connection.Process.DiedWallMs : connection.HeardWallMs + world.Plan.Settings.SilentAfterMs);
        }

        // Nobody believes a time that is to come by its own clock.
        return (from - world.Plan.Settings.ClocksMs, to);
    }

    public override string ToString() => $"user {id}: " + string.Join("; ", _connections.Where(connection => !IsSuperseded(connection)).Select(connection =>
        $"{connection.DeviceKey} at {connection.Process.Member.Ordinal} {connection.Said}{(connection.IsUp ? " up" : "")}{(connection.Process.IsDead ? " dead" : "")} heard {connection.HeardMs} lost {connection.LostMs} left {connection.LeftMs} gone {connection.GoneMs} covered until {CoveredUntil(connection)}"))
        + (IsInvisible ? " invisible" : "") + (IsUnsure ? " unsure" : "");

    // A device comes without a word of its status: what it was goes on if it still stands everywhere, and nobody else's may be taken for it.
    private void GoOn(ClusterConnection connection)
    {
        ClusterConnection? before = _connections.Where(one => one.DeviceKey == connection.DeviceKey).MaxBy(static one => one.Number);
        long now = world.Agenda.Now;
        bool isAlone = _connections.TrueForAll(one => one.DeviceKey == connection.DeviceKey || GoneBy(one) + SlackMs < now);
        connection.Said = before is { Said: not Status.Offline } ? before.Said : Status.Online;
        connection.IsDoubtful = before is not { IsDoubtful: false, IsKnown: true, Asked.Count: 0 } || !isAlone || IsUnsure || CoveredUntil(before) <= now;
    }

    private void Doubt()
    {
        IsUnsure = true;
        IsPlain = false;
        _unsureUntilMs = Math.Max(_unsureUntilMs, world.Agenda.Now + AsksForMs);
    }

    private void Choose(ClusterConnection connection, bool isInvisible)
    {
        if (IsUnsure && (connection.AskedMs < _unsureUntilMs || world.Truth.IsDisturbed))
        {
            return;
        }

        _seenUntilMs = isInvisible ? 0 : IsInvisible || IsUnsure ? ShippedByMs : _seenUntilMs;
        (IsInvisible, IsUnsure) = (isInvisible, false);
        (_holder, _heldUntilMs) = (connection, ShippedByMs);
        if (isInvisible)
        {
            world.Faults.Chose(id, connection);
        }
    }

    private long ShippedByMs => world.Agenda.Now + world.Plan.Settings.ShipMs + world.Plan.Settings.SyncMs + HandedOverMs;

    // A newer session of the device is known everywhere: this one counts for nothing.
    private bool IsSuperseded(ClusterConnection connection) =>
        _connections.Exists(other => other.DeviceKey == connection.DeviceKey && other.Number > connection.Number && other.IsKnown);

    // Until when design §3 promises that the device is shown.
    private long CoveredUntil(ClusterConnection connection)
    {
        ClusterSettings settings = world.Plan.Settings;
        MemberProcess process = connection.Process;
        if (connection.LeftMs is not null || connection.GoneMs is not null || process.UnknownUntilMs > world.Agenda.Now)
        {
            return long.MinValue;
        }

        long? silentMs = process.SilentSinceMs + settings.EdgeHoldMs - SlackMs;
        if (connection.LostMs is { } lostMs)
        {
            return Math.Min(lostMs + settings.Options.HoldMs, silentMs ?? long.MaxValue);
        }

        long noticedMs = process.NoticedMs.First;
        return Math.Min(
            process.IsDead ? (noticedMs == long.MaxValue ? noticedMs : noticedMs + settings.Options.HoldMs) : connection.HeardMs + settings.SilentAfterMs,
            silentMs ?? long.MaxValue);
    }

    private long GoneBy(ClusterConnection connection)
    {
        ClusterSettings settings = world.Plan.Settings;
        long noticedMs = connection.Process.NoticedMs.Last;
        return connection.LeftMs ?? connection.GoneMs ?? (connection.LostMs is { } lostMs ? lostMs + settings.Options.HoldMs
            : connection.Process.IsDead ? (noticedMs == long.MaxValue ? connection.Process.DiedMs + settings.EdgeHoldMs : noticedMs + settings.Options.HoldMs)
            : connection.HeardMs + settings.SilentAfterMs);
    }

    // As long as not all can know that it is gone.
    private bool MayBeHere(ClusterConnection connection)
    {
        MemberProcess process = connection.Process;
        long goneBy = GoneBy(connection) + (connection.IsUnnamed ? world.Plan.Settings.Options.HoldMs + KnownAfterMs : 0);
        bool isUnheard = process.UnknownUntilMs > world.Agenda.Now || (process.SilentSinceMs is { } since && goneBy + SlackMs > since && (!process.IsDead || process.DiedMs + world.Plan.Settings.EdgeHoldMs > world.Agenda.Now));
        return isUnheard || goneBy + SlackMs >= world.Agenda.Now;
    }
}
