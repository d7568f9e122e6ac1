using Presence.Engine;

namespace Presence.Simulation;

/// <summary>A process of a member: its shards, what they stand on, and the view of the members that it follows.</summary>
internal sealed class MemberProcess : IPeerTransport
{
    private readonly ClusterWorld _world;

    public MemberProcess(ClusterWorld world, Member member, Chance chance)
    {
        (_world, Member) = (world, member);
        Store = new MemberStore(world, this, chance.Of(1));
        Journal = new MemberJournal(world, this);
        Threads = [.. Enumerable.Range(0, world.Plan.Settings.Shards).Select(i => new MemberThread(world, this, chance.Of(10 + (ulong)i)))];
        Shard[] shards = new ShardSetup(world.Plan.Settings.Options, member.Topology, Store, Journal, chance.Next()) { Transport = this }.Build(Threads, member.Time);
        for (int i = 0; i < shards.Length; i++)
        {
            Threads[i].Shard = shards[i];
        }
    }

    public Member Member { get; }

    public MemberThread[] Threads { get; }

    public MemberStore Store { get; }

    public MemberJournal Journal { get; }

    public HashSet<ClusterConnection> Connections { get; } = [];

    /// <summary>Of its membership; 0 before it has joined.</summary>
    public ulong Incarnation { get; private set; }

    /// <summary>What it has heard of the members.</summary>
    public View View { get; private set; } = View.None;

    /// <summary>It follows a view that it is in.</summary>
    public bool IsMember => View.Version > 0 && View.Of(Member.Ordinal) == Incarnation;

    public bool IsDead { get; private set; }

    public long DiedMs { get; private set; } = long.MaxValue;

    /// <summary>When somebody heard of its death first, and last.</summary>
    public (long First, long Last) NoticedMs { get; private set; } = (long.MaxValue, long.MaxValue);

    /// <summary>Since when somebody may not hear it; null: all do.</summary>
    public long? SilentSinceMs { get; set; }

    /// <summary>Until then homes may not know its sessions: they had not heard it for too long.</summary>
    public long UnknownUntilMs { get; set; }

    /// <summary>Unix ms of its machine when it died.</summary>
    public long DiedWallMs { get; private set; }

    public MemberThread ThreadOf(ulong userId) => Threads[Member.Topology.EdgeOf(userId)];

    void IPeerTransport.Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch) => _world.Network.Send(this, node, from, stamp, batch);

    /// <summary>It has another incarnation than before: what it said under that one is over.</summary>
    public void Joined(ulong incarnation)
    {
        foreach (int other in View.Incarnations.Keys.Where(other => other != Member.Ordinal).Order())
        {
            PostToAll(() => new NodeClosed(other, isDead: false));
        }

        (Incarnation, View) = (incarnation, View.None);
    }

    /// <summary>Follows a view that it is in.</summary>
    public void Follow(View view)
    {
        foreach (int other in view.Incarnations.Keys.Union(View.Incarnations.Keys).Where(other => other != Member.Ordinal).Order())
        {
            (ulong before, ulong now) = (View.Of(other), view.Of(other));
            if (before != 0 && before != now)
            {
                bool isGone = view.Gone.Contains(before);
                PostToAll(() => new NodeClosed(other, isGone));
                _world.Members[other].Noticed(before, isGone);
            }

            if (now != 0 && before != now)
            {
                PostToAll(() => new NodeOpened(other, Incarnation, now));
            }
        }

        View = view;
        RoutingTable table = Membership.TableOf(view);
        PostToAll(() => new RingChanged(table));
    }

    /// <summary>Somebody has heard that it is dead.</summary>
    public void Noticed(long ms) => NoticedMs = (Math.Min(ms, NoticedMs.First), ms);

    public void Die()
    {
        (IsDead, DiedMs, DiedWallMs) = (true, _world.Agenda.Now, Member.WallMs);
        // Nobody hears it any more.
        SilentSinceMs ??= DiedMs;
        foreach (ClusterConnection connection in Connections)
        {
            connection.ResetByServer();
        }

        Array.ForEach(Threads, static thread => thread.Shard.Dispose());
    }

    public void PostToAll(Func<ShardMessage> message) => Array.ForEach(Threads, thread => thread.Post(message()));
}
