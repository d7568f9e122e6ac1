using Presence.Engine;

namespace Presence.Simulation;

/// <summary>Strikes as the plan says, and mends again.</summary>
internal sealed class Faults(World world)
{
    // A silence of the canary is noticed at the latest after two of its periods, a gap and a turn; a second of that is given back.
    private const long NoticedMs = 2_400;

    // By so much a slow disk's answers come later.
    private const long LateMs = 4_000;

    // A process that ends in order is gone by then, as a rule.
    private const long StoppingMs = 8_000;

    private readonly Agenda _agenda = world.Agenda;
    private readonly Node _node = world.Node;
    private Fault? _overload;
    private long _readsFailUntilMs;
    private long _silentUntilMs;

    /// <summary>Until then the shards, or the journal's disk, may be late or away; on the monotonic clock.</summary>
    public long LateUntilMs { get; private set; }

    /// <summary>
    /// Until then a read that failed may not have been asked for again: that is done at ticks, and engine time stands still while I/O is silent. On the
    /// monotonic clock.
    /// </summary>
    public long ReadsLateUntilMs { get; private set; }

    /// <summary>How many have struck, by kind.</summary>
    public int[] Struck { get; } = new int[Enum.GetValues<FaultKind>().Length];

    public void Begin()
    {
        long begin = _agenda.Now;
        foreach (Fault fault in world.Plan.Faults)
        {
            _agenda.At(begin + fault.AtMs, () => Strike(fault));
        }
    }

    private void Strike(Fault fault)
    {
        if (world.IsQuiet)
        {
            return;
        }

        Struck[(int)fault.Kind]++;
        world.Trace.Note(0, $"FAULT {fault}");
        if (fault.Kind is FaultKind.Paused or FaultKind.ShardStuck or FaultKind.DiskSlow or FaultKind.ReadsFail or FaultKind.WritesFail)
        {
            LateUntilMs = Math.Max(LateUntilMs, _agenda.Now + fault.ForMs + LateMs);
        }

        KeepReadsLate(fault);
        var chance = world.Chance.Of(50_000 + (ulong)fault.Number);
        switch (fault.Kind)
        {
            case FaultKind.Killed or FaultKind.PowerLost:
                _node.Kill(dark: fault.Kind == FaultKind.PowerLost);
                _agenda.In(fault.ForMs, StartAgain);
                break;
            case FaultKind.Restarted:
                _node.Stop();
                _agenda.In(fault.ForMs + StoppingMs, StartAgain);
                break;
            case FaultKind.Paused or FaultKind.ShardStuck or FaultKind.IoSilent:
                StopTime(fault, chance);
                break;
            case FaultKind.WallStepped:
                world.Wall.Step(fault.ForMs);
                break;
            case FaultKind.Revoked:
                world.Revoking.Strike(fault, chance);
                break;
            case FaultKind.Overloaded:
                Overload(fault, chance.Pick(OverloadStep.Heartbeats, OverloadStep.Texts, OverloadStep.Reads));
                break;
            case FaultKind.DiskSlow or FaultKind.ReadsFail or FaultKind.CheckpointsFail or FaultKind.WritesFail:
                StrikeDisk(fault);
                break;
            default:
                StrikeNetwork(fault, chance);
                break;
        }
    }

    // Another process judges for itself, and what strikes later lasts longer.
    private void Overload(Fault fault, OverloadStep step)
    {
        if (!_node.IsUp)
        {
            return;
        }

        int process = _node.Processes;
        _overload = fault;
        _node.Enter(step);
        _agenda.In(fault.ForMs, () =>
        {
            if (process == _node.Processes && _node.IsUp && _overload == fault)
            {
                _node.Enter(OverloadStep.None);
            }
        });
    }

    private void KeepReadsLate(Fault fault)
    {
        long untilMs = _agenda.Now + fault.ForMs;
        _readsFailUntilMs = fault.Kind == FaultKind.ReadsFail ? Math.Max(_readsFailUntilMs, untilMs) : _readsFailUntilMs;
        _silentUntilMs = fault.Kind == FaultKind.IoSilent ? untilMs : _silentUntilMs;
        if (_agenda.Now < Math.Min(_readsFailUntilMs, _silentUntilMs))
        {
            ReadsLateUntilMs = Math.Max(_readsFailUntilMs, _silentUntilMs) + LateMs;
        }
    }

    private void StartAgain()
    {
        if (!_node.IsUp)
        {
            _node.Start();
        }
    }

    private void StopTime(Fault fault, Chance chance)
    {
        if (!_node.IsUp)
        {
            return;
        }

        int process = _node.Processes;
        ShardThread stuck = chance.Pick<ShardThread>(_node.Threads);
        foreach (ShardThread thread in _node.Threads)
        {
            world.Truth.Of(thread).StoodStillUntilMs = _agenda.Now + fault.ForMs;
        }

        switch (fault.Kind)
        {
            case FaultKind.Paused:
                _node.Pause();
                break;
            case FaultKind.ShardStuck:
                _node.Stick(stuck, true);
                break;
            default:
                _node.SilenceIo(true);
                break;
        }

        _agenda.In(fault.ForMs, () =>
        {
            if (process != _node.Processes || !_node.IsUp)
            {
                return;
            }

            Note(fault, stuck);
            switch (fault.Kind)
            {
                case FaultKind.Paused:
                    _node.Continue();
                    break;
                case FaultKind.ShardStuck:
                    _node.Stick(stuck, false);
                    break;
                default:
                    _node.SilenceIo(false);
                    break;
            }
        });
    }

    // A loop's silence over a second is left out as a whole, with the tick before it; what the canary's adds to that, or is by itself, comes out within two
    // seconds either way.
    private void Note(Fault fault, ShardThread stuck)
    {
        bool isGap = fault.ForMs > EngineClock.GapMs;
        foreach (ShardThread thread in fault.Kind == FaultKind.ShardStuck ? [stuck] : _node.Threads)
        {
            ShardTruth shard = world.Truth.Of(thread);
            (long low, long high) = shard.SkippedMs;
            if (isGap)
            {
                shard.StoodStill.Add((_agenda.Now - fault.ForMs + (fault.Kind == FaultKind.IoSilent ? NoticedMs : 0), _agenda.Now));
            }

            shard.SkippedMs = fault.Kind switch
            {
                _ when !isGap => (low, high + fault.ForMs + 1_000),
                FaultKind.IoSilent => (low + fault.ForMs - NoticedMs + EngineClock.GapMs, high + fault.ForMs + 2_000),
                _ => (low + fault.ForMs, high + fault.ForMs + 3_000),
            };
        }
    }

    private void StrikeDisk(Fault fault)
    {
        Disk disk = world.Disk;
        Action<bool> set = fault.Kind switch
        {
            FaultKind.DiskSlow => on => disk.LateMs += on ? LateMs : -LateMs,
            FaultKind.ReadsFail => on => disk.ReadsFail = on,
            FaultKind.WritesFail => on => disk.WritesFail = on,
            _ => on => disk.CheckpointsFail = on,
        };
        set(true);
        _agenda.In(fault.ForMs, () => set(false));
    }

    private void StrikeNetwork(Fault fault, Chance chance)
    {
        foreach (Wire? each in world.Clients.Select(client => client.Wire))
        {
            if (each is not { } wire || !chance.Hits(fault.Share))
            {
                continue;
            }

            switch (fault.Kind)
            {
                case FaultKind.Cut:
                    wire.Cut();
                    break;
                case FaultKind.Vanished:
                    wire.Vanish();
                    break;
                default:
                    wire.Up.StallUntil(_agenda.Now + fault.ForMs);
                    wire.Down.StallUntil(_agenda.Now + fault.ForMs);
                    break;
            }
        }
    }
}
