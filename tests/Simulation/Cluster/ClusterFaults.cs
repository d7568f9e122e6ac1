namespace Presence.Simulation;

/// <summary>Makes the faults of a plan strike a cluster, and makes them good.</summary>
internal sealed class ClusterFaults(ClusterWorld world)
{
    private const long StandsStillMs = 7_000;
    private const long GoesOnMs = 6_000;
    private const double Struck = 0.5;
    private const long DiesWithinMs = 8_000;
    private const long HearsAllMs = 3_000;
    private const long BeforeRingChangesMs = 200;
    private const int Resets = 3;
    private const long SpeaksWithinMs = 2_000;
    private const long LosesForMs = 1_000;

    private readonly Chance _chance = world.Chance.Of(30);

    // Strikes when somebody has chosen something.
    private ClusterFault? _waitsForChoice;

    /// <summary>By kind, how often.</summary>
    public int[] Count { get; } = new int[Enum.GetValues<ClusterFaultKind>().Length];

    /// <summary>All nodes stand still, or have just begun to go on.</summary>
    public bool AllStoodStill { get; private set; }

    public void Begin()
    {
        foreach (ClusterFault fault in world.Plan.Faults)
        {
            world.Agenda.In(fault.AtMs, () => Strike(fault));
        }
    }

    /// <summary>Nothing is wrong any more.</summary>
    public void EndAll()
    {
        world.Membership.IsAway = world.Network.IsFlaky = world.Network.IsRepeating = world.Network.IsLosing = false;
        _waitsForChoice = null;
        foreach (Member member in world.Members)
        {
            member.SetCut(false);
            member.SetCutFromPeers(false);
            member.SetDeaf(false);
            member.IsBlind = false;
            foreach (Member other in world.Members)
            {
                world.Network.Cut(member.Ordinal, other.Ordinal, isCut: false);
            }

            member.Continue();
            Start(member);
        }
    }

    private void Strike(ClusterFault fault)
    {
        if (world.IsQuiet)
        {
            return;
        }

        // Of two neither knows that it is the lonely one.
        if (fault.Kind is ClusterFaultKind.NodeDeaf or ClusterFaultKind.NodeBlind && world.Membership.Now.Incarnations.Count < 3)
        {
            return;
        }

        world.Trace.Note(0, $"FAULT {fault}");
        if (fault.Kind is not (ClusterFaultKind.HomeKilled or ClusterFaultKind.LinksRepeat or ClusterFaultKind.LinksLose))
        {
            Begins(fault);
        }

        Member node = world.Members[fault.Node], other = world.Members[fault.Other];
        switch (fault.Kind)
        {
            case ClusterFaultKind.NodeKilled:
                node.Kill();
                After(fault, () => Start(node));
                break;
            case ClusterFaultKind.NodePaused:
                node.Pause();
                After(fault, node.Continue);
                break;
            case ClusterFaultKind.AllPaused:
                PauseAll(fault);
                break;
            case ClusterFaultKind.NodeCut:
                node.SetCut(true);
                After(fault, () => node.SetCut(false));
                break;
            case ClusterFaultKind.PeersCut:
                node.SetCutFromPeers(true);
                After(fault, () => node.SetCutFromPeers(false));
                break;
            case ClusterFaultKind.LinkCut:
                Cut(fault, true);
                After(fault, () => Cut(fault, false));
                break;
            case ClusterFaultKind.LinkCutOneWay:
                world.Network.Cut(fault.Node, fault.Other, isCut: true);
                After(fault, () => world.Network.Cut(fault.Node, fault.Other, isCut: false));
                break;
            case ClusterFaultKind.RedisAway:
                world.Membership.IsAway = true;
                After(fault, () => world.Membership.IsAway = false);
                break;
            case ClusterFaultKind.RedisForgets:
                world.Shared.ForgetNewest();
                break;
            case ClusterFaultKind.LinksFlaky:
                world.Network.IsFlaky = true;
                After(fault, () => world.Network.IsFlaky = false);
                break;
            case ClusterFaultKind.Flapping:
                Flap(fault, node, world.Agenda.Now + fault.ForMs);
                break;
            case ClusterFaultKind.ClientsCut:
                CutClients();
                break;
            case ClusterFaultKind.NodeDown:
                TakeDown(node);
                break;
            case ClusterFaultKind.NodeDeaf:
                node.SetDeaf(true);
                After(fault, () => node.SetDeaf(false));
                break;
            case ClusterFaultKind.NodeBlind:
                node.Pause();
                world.Agenda.In(DiesWithinMs, () =>
                {
                    node.IsBlind = !world.IsQuiet;
                    node.Continue();
                });
                After(fault, () => node.IsBlind = false);
                break;
            case ClusterFaultKind.PausedUnseen:
                world.Membership.IsAway = true;
                node.Pause();
                After(fault, () =>
                {
                    node.Continue();
                    world.Agenda.In(HearsAllMs, () => world.Membership.IsAway = false);
                });
                break;
            case ClusterFaultKind.CutAtRingChange:
                CutAtRingChange(fault);
                break;
            case ClusterFaultKind.HomeKilled:
                _waitsForChoice = fault;
                break;
            case ClusterFaultKind.LinksRepeat:
                Count[(int)fault.Kind]++;
                Repeat(fault);
                break;
            case ClusterFaultKind.LinksLose:
                Count[(int)fault.Kind]++;
                BeginChannelsAnew(fault, LoseForAMoment);
                break;
            case ClusterFaultKind.NodeRestarted:
                HaveEnough(node);
                goto case ClusterFaultKind.NodeKilled;
            default:
                throw new InvalidOperationException($"{other}: {fault}");
        }
    }

    /// <summary>A user has chosen to be invisible, which is acknowledged, or has said Goodbye: a while later nobody could lose that any more.</summary>
    public void Chose(ulong userId, ClusterConnection connection)
    {
        Member node = connection.Process.Member;
        View view = world.Membership.Now;
        if (_waitsForChoice is not { } fault || world.IsQuiet || view.Incarnations.Count < 2 || (fault.Number % 2 == 0) != connection.LeftMs is null)
        {
            return;
        }

        Member home = world.Members[Membership.TableOf(view).NodeOf(userId)];
        if (home != node && home.IsRunning && IsSeen(userId) && (connection.LeftMs is null || IsAlone(connection)))
        {
            _waitsForChoice = null;
            connection.StayCalm();
            world.Agenda.In(_chance.Between(0, world.Plan.Settings.ShipMs / 2), () =>
            {
                if (!world.IsQuiet)
                {
                    world.Trace.Note(0, $"home {home.Ordinal} of {userId} is killed");
                    Begins(fault);
                    if (fault.ForMs == ClusterFault.ForGood)
                    {
                        TakeDown(home);
                        return;
                    }

                    home.Kill();
                    After(fault, () => Start(home));
                }
            });
        }
    }

    private bool IsSeen(ulong userId) => world.Clients.Any(client => client.IsLive && client.UserId != userId && client.Watched.ContainsKey(userId));

    private bool IsAlone(ClusterConnection device) => !world.Clients.Any(client => client.IsLive && client.UserId == device.User && client.DeviceKey != device.DeviceKey);

    private void Begins(ClusterFault fault)
    {
        Count[(int)fault.Kind]++;
        world.Truth.Disturbed(fault.ForMs + world.Plan.Settings.WalkMs + world.Plan.Settings.SuspectMs + world.Plan.Settings.ViewMs + world.Plan.Settings.StartTakesMs + (2 * world.Plan.Settings.PeerTimeoutMs));
    }

    private void After(ClusterFault fault, Action good) => world.Agenda.In(fault.ForMs, () =>
    {
        world.Trace.Note(0, $"over: {fault}");
        good();
    });

    private void Start(Member member)
    {
        if (member.Process is null && !world.IsOver && !member.IsDown)
        {
            world.Trace.Note(0, $"node {member.Ordinal} starts");
            member.Start();
        }
    }

    private void Cut(ClusterFault fault, bool isCut)
    {
        world.Network.Cut(fault.Node, fault.Other, isCut);
        world.Network.Cut(fault.Other, fault.Node, isCut);
    }

    private void PauseAll(ClusterFault fault)
    {
        AllStoodStill = true;
        foreach (Member member in world.Members)
        {
            member.Pause();
        }

        After(fault, () =>
        {
            foreach (Member member in world.Members)
            {
                world.Agenda.In(_chance.Between(0, 1_000), member.Continue);
            }

            world.Agenda.In(1_001, () => AllStoodStill = false);
        });
    }

    // Somebody stays.
    private void TakeDown(Member node)
    {
        if (world.Members.Count(static member => !member.IsDown) > 1)
        {
            HaveEnough(node);
            node.IsDown = true;
            node.Kill();
        }
    }

    // One of those between whom nothing is brought becomes home of users who are at the other.
    private void CutAtRingChange(ClusterFault fault)
    {
        int[] others = [.. world.Members.Select(static member => member.Ordinal).Where(ordinal => ordinal != fault.Node && !world.Members[ordinal].IsDown)];
        if (others.Length < 2)
        {
            return;
        }

        int one = others[_chance.Below(others.Length)];
        int other = others.First(ordinal => ordinal != one);
        ClusterFault between = fault with { Node = one, Other = other };
        Cut(between, true);
        After(fault, () => Cut(between, false));
        world.Agenda.In(BeforeRingChangesMs, () => TakeDown(world.Members[fault.Node]));
    }

    // What comes again is of epochs that are over by then.
    private void Repeat(ClusterFault fault)
    {
        world.Network.IsRepeating = true;
        // Or what comes again is of the epoch that goes on.
        if (fault.Number % 2 == 1)
        {
            BeginChannelsAnew(fault, world.Network.LoseNextAnswers);
        }

        After(fault, () => world.Network.IsRepeating = false);
    }

    private void BeginChannelsAnew(ClusterFault fault, Action lose)
    {
        for (int i = 1; i <= Resets; i++)
        {
            world.Agenda.In(fault.ForMs * i / (Resets + 1), () =>
            {
                if (!world.IsQuiet)
                {
                    world.Truth.ChannelsBeginAnew(SpeaksWithinMs + world.Plan.Settings.WalkMs + (2 * world.Plan.Settings.PeerTimeoutMs));
                    lose();
                }
            });
        }
    }

    // Shorter than anybody is missed for.
    private void LoseForAMoment()
    {
        world.Network.IsLosing = true;
        world.Agenda.In(_chance.Between(LosesForMs / 5, LosesForMs), () => world.Network.IsLosing = false);
    }

    private void HaveEnough(Member node)
    {
        foreach (ClusterClient client in world.Clients.Where(client => client.Connection?.Process == node.Process && _chance.Hits(world.Plan.Settings.StayAway)))
        {
            client.LeaveForGood();
        }
    }

    private void Flap(ClusterFault fault, Member node, long untilMs)
    {
        if (world.IsQuiet || world.Agenda.Now >= untilMs)
        {
            return;
        }

        node.Pause();
        world.Agenda.In(StandsStillMs, node.Continue);
        world.Agenda.In(StandsStillMs + GoesOnMs, () => Flap(fault, node, untilMs));
    }

    private void CutClients()
    {
        foreach (ClusterClient client in world.Clients.Where(_ => _chance.Hits(Struck)))
        {
            if (_chance.Hits(world.Plan.Settings.StayAway))
            {
                client.LeaveForGood();
            }

            client.Cut();
        }
    }
}
