using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A gateway: says to every shard what is its own, as the host does with a frame.</summary>
internal sealed class FakeLink(World world, int gateway = 0) : ILinkRefusals
{
    public int Gateway => gateway;

    /// <summary>No device of a test has it.</summary>
    public ulong Key { get; init; } = 1_000_000 + (ulong)gateway;

    /// <summary>What became of all that was said.</summary>
    public LinkTally Tally { get; private set; }

    /// <summary>Batches that have not been applied.</summary>
    public int Open { get; private set; }

    public ConnectionPort? Reader { get; init; }

    /// <summary>There is no room for new users.</summary>
    public bool IsFull { get; set; }

    /// <summary>The store does not keep up.</summary>
    public bool IsStoreStuck { get; set; }

    /// <summary>Who was refused, in that order.</summary>
    public List<(ulong User, LinkRefusal Reason)> Refused { get; } = [];

    /// <summary>Users who are up on all shards.</summary>
    public int Users => Reports.Sum(report => report.Users);

    public IEnumerable<LinkReport> Reports
    {
        get
        {
            var reports = new List<LinkReport>();
            foreach (Shard shard in world.Shards)
            {
                shard.Inbox.TryPostRead(new LinksInspection(links => reports.AddRange(links.Where(link => link.Gateway == gateway))));
            }

            world.Settle();
            return reports;
        }
    }

    public LinkState[] States => [.. Reports.Select(report => report.State).Distinct()];

    /// <summary>A link that is live, its set named: nobody.</summary>
    public static FakeLink Live(World world, int gateway = 0)
    {
        var link = new FakeLink(world, gateway);
        link.Begin();
        link.Complete();
        return link;
    }

    public void Begin(bool resumed = false) => All(() => new LinkBegins(gateway, Key, resumed) { Connection = Reader, Refusals = this });

    public void Refuse(ulong userId, LinkRefusal reason) => Refused.Add((userId, reason));

    public void End(bool goodbye = false) => All(() => new LinkEnds(gateway, goodbye));

    public void Complete() => All(() => new LinkCompletes(gateway));

    public void Up(params ulong[] users) => Up(Status.Online, DeviceKinds.Mobile, users);

    public void Up(Status status, DeviceKinds kinds, params ulong[] users) => Say(LinkVerb.Up, users, status, kinds);

    public void Beat(params ulong[] users) => Say(LinkVerb.Beat, users);

    public void Down(params ulong[] users) => Say(LinkVerb.Down, users);

    /// <summary>The connection of the link, on the shard that owns it.</summary>
    public FakeConnection Attach()
    {
        int owner = gateway % world.Shards.Length;
        ulong anyOfOwner = Enumerable.Range(1, 10_000).Select(user => (ulong)user).First(user => world.Topology.EdgeOf(user) == owner);
        var connection = new FakeConnection(world, anyOfOwner);
        connection.Say(new LinkAttached(connection, gateway));
        return connection;
    }

    private void Say(LinkVerb verb, ulong[] users, Status status = Status.Unspecified, DeviceKinds kinds = DeviceKinds.None)
    {
        foreach (IGrouping<int, ulong> shard in users.GroupBy(world.Topology.EdgeOf))
        {
            ulong[] ids = [.. shard];
            Open++;
            var batch = new Batch(this)
            {
                Gateway = gateway,
                Verb = verb,
                Status = status,
                Kinds = kinds,
                KnownOnly = IsFull,
                PresentOnly = IsStoreStuck,
                UserIds = ids,
                Count = ids.Length,
            };
            Assert.True(world.Shards[shard.Key].Inbox.TryPostLiveness(batch));
        }

        Settle();
    }

    private void All(Func<LinkMessage> message)
    {
        foreach (Shard shard in world.Shards)
        {
            Assert.True(shard.Inbox.TryPostLiveness(message()));
        }

        Settle();
    }

    private void Settle()
    {
        if (!world.IsPaused)
        {
            world.Settle();
        }
    }

    private sealed class Batch(FakeLink link) : LinkBatch
    {
        protected internal override void Done(in LinkTally tally)
        {
            link.Open--;
            link.Tally = new(
                link.Tally.CameUp + tally.CameUp,
                link.Tally.WentDown + tally.WentDown,
                link.Tally.PassedOver + tally.PassedOver);
        }
    }
}
