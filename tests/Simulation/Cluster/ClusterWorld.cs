namespace Presence.Simulation;

/// <summary>One run of a plan of a cluster: its nodes and their disks, the membership, the shared store, the links, the clients, what goes wrong, and the truth beside it. One thread.</summary>
internal sealed class ClusterWorld
{
    private const long MostAtOnce = 200_000;

    // A balancer has noticed by then that a node does not answer.
    private const long NoticesMs = 2_000;

    public ClusterWorld(ClusterPlan plan, TextWriter? trace = null)
    {
        Plan = plan;
        Chance = new Chance(plan.Seed);
        Agenda = new Agenda(MostAtOnce);
        Wall = new WallClock(Agenda);
        Trace = new Trace(Agenda, trace);
        Network = new PeerNetwork(this, Chance.Of(20));
        Truth = new ClusterTruth(this);
        Shared = new SharedStore(this);
        Faults = new ClusterFaults(this);
        Members = [.. Enumerable.Range(0, plan.Settings.Nodes).Select(ordinal => new Member(this, ordinal, Chance.Of(200 + (ulong)ordinal)))];
        Membership = new Membership(this, Chance.Of(21));
        Clients = [.. plan.Actors.Select(number => new ClusterClient(this, number))];
    }

    public ClusterPlan Plan { get; }

    public Chance Chance { get; }

    public Agenda Agenda { get; }

    public WallClock Wall { get; }

    public Trace Trace { get; }

    public PeerNetwork Network { get; }

    public Membership Membership { get; }

    public SharedStore Shared { get; }

    public IReadOnlyList<Member> Members { get; }

    public IReadOnlyList<ClusterClient> Clients { get; }

    public ClusterFaults Faults { get; }

    public ClusterTruth Truth { get; }

    /// <summary>Nothing goes wrong any more, and nobody does anything but keep to the rules.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Nobody connects any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>A node for somebody who comes, as a balancer picks it; null: it knows of none.</summary>
    public Member? Balance(Chance chance)
    {
        Member[] open = [.. Members.Where(member => member.IsAccepting && !(member.Process!.SilentSinceMs < Agenda.Now - NoticesMs && (member.IsPaused || member.IsCut)))];
        return open.Length == 0 ? null : open[chance.Below(open.Length)];
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ViolationException">A promise was broken.</exception>
    public void Run()
    {
        Begin();
        Faults.Begin();
        Pass(Plan.Settings.LengthMs);
        ComeToRest();
        Truth.CompareAll();
        LeaveAll();
        Truth.CompareAll();
        ClusterEnd.CheckNothingIsLeft(this);
        End();
    }

    /// <summary>All nodes begin, as members of a cluster that begins.</summary>
    public void Begin()
    {
        Truth.Disturbed(Plan.Settings.StartTakesMs + Plan.Settings.ViewMs + Plan.Settings.WalkMs);
        foreach (Member member in Members)
        {
            member.Start();
        }
    }

    public void Pass(long ms) => Agenda.RunUntil(Agenda.Now + ms);

    public void End()
    {
        foreach (Member member in Members)
        {
            member.Kill();
        }
    }

    private void ComeToRest()
    {
        Trace.Note(0, $"QUIET");
        IsQuiet = true;
        Faults.EndAll();
        long longest = (2 * Plan.Settings.EdgeHoldMs) + Plan.Settings.Options.HoldMs;
        // Whoever is away comes back in the end.
        Pass(120_000);
        foreach (ClusterClient client in Clients)
        {
            client.Settle();
        }

        Pass(longest + 40_000);
    }

    // Half of them with a word; the others' connections are reset. Somebody stays to see it.
    private void LeaveAll()
    {
        Trace.Note(0, $"ALL LEAVE");
        IsOver = true;
        foreach (ClusterClient client in Clients.Skip(1))
        {
            if (client.DeviceKey % 2 == 0)
            {
                client.Leave();
            }
            else
            {
                client.Cut();
            }
        }

        Pass(Plan.Settings.Options.HoldMs + 15_000);
    }
}
