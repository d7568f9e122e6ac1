using Presence.Engine;

namespace Presence.Simulation;

/// <summary>
/// One run of a plan: the server over its disk, the clients, the network between them, what goes wrong, and the truth beside it. One thread; nothing in here
/// knows another clock or another chance than the run's own.
/// </summary>
internal sealed class World
{
    private const long MostAtOnce = 100_000;
    private const long MostAtOnceOfClient = 100;

    public World(Plan plan, TextWriter? trace = null)
    {
        Plan = plan;
        Chance = new Chance(plan.Seed);
        Agenda = new Agenda(MostAtOnce + (MostAtOnceOfClient * plan.Settings.Clients));
        Wall = new WallClock(Agenda);
        Trace = new Trace(Agenda, trace);
        Disk = new Disk();
        Node = new Node(this, Chance.Of(10));
        Look = new Look(this);
        Truth = new Truth(this);
        Faults = new Faults(this);
        Revoking = new Revoking(this);
        Clients = [.. plan.Actors.Select(number => new Client(this, number))];
        LeaseHolders = [.. plan.Actors.Select(number => new LeaseHolder(this, number))];
    }

    public Plan Plan { get; }

    public Chance Chance { get; }

    public Agenda Agenda { get; }

    public WallClock Wall { get; }

    public Trace Trace { get; }

    public Disk Disk { get; }

    public Node Node { get; }

    public Truth Truth { get; }

    public Look Look { get; }

    public Faults Faults { get; }

    public Revoking Revoking { get; }

    public IReadOnlyList<Client> Clients { get; }

    /// <summary>With each client, though few do anything.</summary>
    public IReadOnlyList<LeaseHolder> LeaseHolders { get; }

    /// <summary>Nothing goes wrong any more, and nobody does anything but keep to the rules.</summary>
    public bool IsQuiet { get; private set; }

    /// <summary>Nobody connects any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="ViolationException">A promise was broken.</exception>
    public void Run()
    {
        Node.Start();
        Faults.Begin();
        Pass(Plan.Settings.LengthMs);
        ComeToRest();
        AtTheEnd.CheckViews(this);
        LeaveAll();
        AtTheEnd.CheckNobodyStays(this);
        AtTheEnd.CheckNothingIsLeft(this);
        Node.Kill(dark: false);
    }

    // After the longest of all times there are, twice.
    private void ComeToRest()
    {
        Trace.Note(0, $"QUIET");
        IsQuiet = true;
        ShardOptions options = Plan.Settings.Options;
        Pass(70_000 + Plan.Settings.StartTakesMs + Plan.Settings.LongestSlotMs);
        if (!Node.IsUp)
        {
            Node.Start();
        }

        foreach (Client client in Clients)
        {
            client.Thaw();
        }

        Pass((2 * Plan.Settings.RecoverForMs) + options.HoldMs + Plan.Settings.StartTakesMs + 60_000 + (2 * Plan.Settings.LongestSlotMs));
    }

    private void LeaveAll()
    {
        Trace.Note(0, $"ALL LEAVE");
        IsOver = true;
        foreach (Client client in Clients)
        {
            client.Wire?.ResetByClient();
            client.Drop(null);
        }

        if (Chance.Of(9_000).Hits(0.5))
        {
            // Before they are held, so that they are online in what the next process finds; it is asked about nobody.
            Node.Kill(dark: false);
            Node.Start();
        }

        Pass(Plan.Settings.StartTakesMs + Math.Max(Plan.Settings.RecoverForMs, Node.HoldsForMs) + Plan.Settings.Options.HoldMs + Plan.Settings.LongestSlotMs + 45_000);
    }

    private void Pass(long ms) => Agenda.RunUntil(Agenda.Now + ms);
}
