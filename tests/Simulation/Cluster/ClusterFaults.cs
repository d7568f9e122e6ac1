namespace Presence.Simulation;

/// <summary>Makes the faults of a plan strike a cluster, and makes them good.</summary>
internal sealed class ClusterFaults(ClusterWorld world)
{
    private const long StandsStillMs = 7_000;
    private const long GoesOnMs = 6_000;
    private const double Struck = 0.5;

    private readonly Chance _chance = world.Chance.Of(30);

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
        world.Membership.IsAway = world.Network.IsFlaky = false;
        foreach (Member member in world.Members)
        {
            member.SetCut(false);
            member.SetCutFromPeers(false);
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

        world.Trace.Note(0, $"FAULT {fault}");
        Count[(int)fault.Kind]++;
        world.Truth.Disturbed(fault.ForMs + world.Plan.Settings.SuspectMs + world.Plan.Settings.ViewMs + world.Plan.Settings.StartTakesMs + (2 * world.Plan.Settings.PeerTimeoutMs));
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
            default:
                throw new InvalidOperationException($"{other}: {fault}");
        }
    }

    private void After(ClusterFault fault, Action good) => world.Agenda.In(fault.ForMs, () =>
    {
        world.Trace.Note(0, $"over: {fault}");
        good();
    });

    private void Start(Member member)
    {
        if (member.Process is null && !world.IsOver)
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
            client.Cut();
        }
    }
}
