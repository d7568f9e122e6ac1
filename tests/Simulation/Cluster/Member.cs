using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>A machine of the cluster: one process after another over its disk, with a clock of its own.</summary>
internal sealed class Member
{
    private const int Partitions = 64;
    private const long AskWithinMs = 3_000;
    private const long LookEveryMs = 500;

    // Who hears less than half of the members for so long lets go of its clients.
    private const long LonelyAfterMs = 4_000;

    // From hearing that it is dead until it has joined anew, at the most.
    private const long RejoinWithinMs = 1_000;

    private readonly ClusterWorld _world;
    private readonly Chance _chance;
    private readonly long _clockMs;
    private readonly List<MemberProcess> _dead = [];
    private long _runsSinceMs;
    private long _pausedMs;
    private long? _lonelySinceMs;
    private bool _wasLonely;
    private bool _isRejoining;

    public Member(ClusterWorld world, int ordinal, Chance chance)
    {
        (_world, Ordinal, _chance) = (world, ordinal, chance);
        _clockMs = chance.Between(0, world.Plan.Settings.ClocksMs) - (world.Plan.Settings.ClocksMs / 2);
        // The hash of users is the cluster's.
        Topology = new Topology(ordinal, world.Plan.Settings.Shards, Partitions, seed: 99);
        Disk = new MemberDisk();
        world.Agenda.In(LookEveryMs, Look);
        world.Agenda.In(AskWithinMs, AskForView);
    }

    public int Ordinal { get; }

    public Topology Topology { get; }

    public MemberDisk Disk { get; }

    /// <summary>Null: there is none.</summary>
    public MemberProcess? Process { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>From everybody.</summary>
    public bool IsCut { get; private set; }

    public bool IsCutFromPeers { get; private set; }

    /// <summary>It hears no other node, and nothing of the membership; its clients it does.</summary>
    public bool IsDeaf { get; private set; }

    /// <summary>It hears nothing of the membership, and everybody else.</summary>
    public bool IsBlind { get; set; }

    /// <summary>Nobody starts it any more.</summary>
    public bool IsDown { get; set; }

    /// <summary>It hears too few others to serve anybody.</summary>
    public bool IsLonely => _lonelySinceMs is { } since && _world.Agenda.Now - since >= LonelyAfterMs;

    public bool IsRunning => Process is not null && !IsPaused;

    public bool IsAccepting => Process is { IsMember: true } && !IsLonely;

    public long RunningForMs => IsRunning ? _world.Agenda.Now - _runsSinceMs : 0;

    /// <summary>Unix ms by its own clock.</summary>
    public long WallMs => _world.Wall.Now + _clockMs;

    public TurnTime Time => new(_world.Agenda.Now, WallMs, _world.Agenda.Now);

    /// <summary>The present process has, or had, this incarnation.</summary>
    public bool HasRun(ulong incarnation) => Process is { } process && process.Incarnation == incarnation;

    public void Start()
    {
        _runsSinceMs = _world.Agenda.Now;
        _lonelySinceMs = null;
        IsPaused = false;
        var process = new MemberProcess(_world, this, _chance.Of(1_000 + (ulong)_dead.Count));
        Process = process;
        Array.ForEach(process.Threads, static thread => thread.Wake());
        Disk.ShipAll();
        _world.Agenda.In(_world.Plan.Settings.StartTakesMs, () => Join(process));
    }

    public void Kill()
    {
        if (Process is { } process)
        {
            Process = null;
            IsPaused = false;
            _dead.Add(process);
            process.Die();
            _world.Truth.Died(process);
        }
    }

    public void Pause()
    {
        if (IsRunning)
        {
            IsPaused = true;
            _pausedMs = _world.Agenda.Now;
            LookWhoHears();
        }
    }

    public void Continue()
    {
        if (!IsPaused)
        {
            return;
        }

        IsPaused = false;
        _runsSinceMs = _world.Agenda.Now;
        _lonelySinceMs = null;
        foreach (ClusterConnection connection in Process!.Connections.ToArray())
        {
            connection.StoodStill(_world.Agenda.Now - _pausedMs);
            connection.Read();
        }

        Array.ForEach(Process.Threads, static thread => thread.Wake());
        Ask();
        LookWhoHears();
    }

    /// <summary>Nobody hears it, or it is heard again.</summary>
    public void SetCut(bool isCut)
    {
        IsCut = isCut;
        LookWhoHears();
        foreach (ClusterConnection connection in Process?.Connections.ToArray() ?? [])
        {
            connection.Stall(isCut);
        }
    }

    public void SetCutFromPeers(bool isCut)
    {
        IsCutFromPeers = isCut;
        LookWhoHears();
    }

    public void SetDeaf(bool isDeaf)
    {
        IsDeaf = isDeaf;
        LookWhoHears();
    }

    /// <summary>Somebody may not hear it from now on; or all do again.</summary>
    public void LookWhoHears()
    {
        if (Process is not { } process)
        {
            return;
        }

        bool isHeard = !IsPaused && !IsCut && !IsCutFromPeers && !IsDeaf && !_world.Network.IsFlaky && !_world.Network.IsCutSomewhere(Ordinal)
            && (process.Incarnation == 0 || _world.Membership.Now.Of(Ordinal) == process.Incarnation);
        if (!isHeard)
        {
            process.SilentSinceMs ??= _world.Agenda.Now;
        }
        else if (process.SilentSinceMs is { } since)
        {
            process.SilentSinceMs = null;
            _world.Truth.HeardAgain(process, since);
        }
    }

    /// <summary>Somebody has heard that an incarnation of it is dead.</summary>
    public void Noticed(ulong incarnation, bool isGone)
    {
        if (isGone)
        {
            _dead.Find(process => process.Incarnation == incarnation)?.Noticed(_world.Agenda.Now);
        }
    }

    /// <summary>Hears of a view.</summary>
    public void Take(View view)
    {
        MemberProcess process = Process!;
        if (process.Incarnation == 0 || view.Version <= process.View.Version)
        {
            return;
        }

        if (view.Of(Ordinal) == process.Incarnation)
        {
            _world.Trace.Note(0, $"node {Ordinal} follows view {view.Version}");
            bool isFirst = !process.IsMember;
            process.Follow(view);
            if (isFirst)
            {
                process.PostToAll(static () => new AcceptingBegins());
            }

            _world.Truth.Disturbed(1_000 + _world.Plan.Settings.WalkMs);
        }
        else if (!_isRejoining)
        {
            // It is a zombie: what it says is refused, and it begins anew in the same process.
            _isRejoining = true;
            _world.Agenda.In(_chance.Between(100, RejoinWithinMs), () => Rejoin(process));
        }
    }

    // It has a channel to the other, and that hears it.
    private bool Speaks(Member to) => IsRunning && _world.Network.IsOpen(this, to) && Process!.View.Of(to.Ordinal) == to.Process!.Incarnation;

    private void Rejoin(MemberProcess process)
    {
        _isRejoining = false;
        if (process == Process)
        {
            Join(process);
        }
    }

    private void Join(MemberProcess process)
    {
        if (process != Process)
        {
            return;
        }

        ulong incarnation = _world.Membership.Join(this);
        if (incarnation == 0)
        {
            _world.Agenda.In(_chance.Between(100, RejoinWithinMs), () => Join(process));
            return;
        }

        process.Joined(incarnation);
        _world.Trace.Note(0, $"node {Ordinal} joins as {incarnation}");
        Ask();
    }

    private void Ask() => _world.Membership.Ask(this);

    private void AskForView()
    {
        if (IsRunning)
        {
            Ask();
        }

        _world.Agenda.In(_chance.Between(AskWithinMs / 2, AskWithinMs), AskForView);
    }

    // What a process does for itself, by what it hears.
    private void Look()
    {
        _world.Agenda.In(LookEveryMs, Look);
        if (!IsRunning || Process is not { IsMember: true } process)
        {
            return;
        }

        int heard = process.View.Incarnations.Keys.Count(other => other == Ordinal || _world.Members[other].Speaks(this));
        _lonelySinceMs = heard * 2 < process.View.Incarnations.Count ? _lonelySinceMs ?? _world.Agenda.Now : null;
        bool wasLonely = _wasLonely;
        _wasLonely = IsLonely;
        if (IsLonely && !wasLonely)
        {
            foreach (ClusterConnection connection in process.Connections.Where(static connection => connection.IsUp))
            {
                process.ThreadOf(connection.User).Post(new ConnectionClosing(connection, CloseCode.Draining));
            }
        }
    }
}
