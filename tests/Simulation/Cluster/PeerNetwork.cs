using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What a node has sent to others.</summary>
internal sealed class SentCount
{
    public long Batches { get; set; }

    public long Changes { get; set; }

    /// <summary>Things that were said.</summary>
    public long Weight { get; set; }

    /// <summary>Changes that came from others.</summary>
    public long ChangesTaken { get; set; }
}

/// <summary>The links between nodes. What is sent arrives late, not at all, or twice; whether it was taken may not be heard. A batch goes to the incarnation that its sender means, and to no other.</summary>
internal sealed class PeerNetwork(ClusterWorld world, Chance chance)
{
    private const double Flaky = 0.25;
    private const double Unanswered = 0.25;

    // A batch that comes again does so within that; one that began an epoch some times more, when that may be over.
    private const long RepeatsWithinMs = 15_000;
    private const long BeginsAgainWithinMs = 90_000;
    private const int BeginsAgain = 3;

    private readonly HashSet<(int From, int To)> _cut = [];

    // Nodes of which the next batch that arrives is not answered.
    private readonly HashSet<int> _losing = [];

    /// <summary>Batches are lost, late and repeated more often than they are not.</summary>
    public bool IsFlaky { get; set; }

    /// <summary>No batch is brought, or nobody hears that it was.</summary>
    public bool IsLosing { get; set; }

    /// <summary>Batches come twice.</summary>
    public bool IsRepeating { get; set; }

    public SentCount[] Sent { get; } = [.. Enumerable.Range(0, world.Plan.Settings.Nodes).Select(static _ => new SentCount())];

    /// <summary>The link brings something, this way.</summary>
    public bool IsOpen(Member from, Member to) => from == to || (!to.IsDeaf && !_cut.Contains((from.Ordinal, to.Ordinal)) && !from.IsCut && !to.IsCut && !from.IsCutFromPeers && !to.IsCutFromPeers);

    /// <summary>What of the next batch of each channel becomes is not heard by its sender, who begins anew.</summary>
    public void LoseNextAnswers()
    {
        _losing.Clear();
        _losing.UnionWith(world.Members.Select(static member => member.Ordinal));
    }

    public void Cut(int from, int to, bool isCut) => _ = isCut ? _cut.Add((from, to)) : _cut.Remove((from, to));

    public bool IsCutSomewhere(int node) => _cut.Any(link => link.From == node || link.To == node);

    public void Send(MemberProcess sender, int to, ShardAddress from, ChannelStamp stamp, PeerBatch batch)
    {
        SentCount sent = Sent[from.Node];
        sent.Batches++;
        sent.Changes += batch.Changes.Count;
        sent.Weight += batch.Weight;
        Note(to, from, stamp, batch);
        Member target = world.Members[to];
        ulong meant = sender.View.Of(to);
        bool isSettled = false;
        void Settle(bool isTaken)
        {
            if (!isSettled)
            {
                isSettled = true;
                Tell(sender, from, new BatchSettled(to, stamp, isTaken));
            }
        }

        world.Agenda.In(world.Plan.Settings.PeerTimeoutMs, () => Settle(false));
        if (IsRepeating)
        {
            // The same a second time, later: an answer to it is nobody's.
            void Again(long withinMs) => world.Agenda.In(chance.Between(0, withinMs), () => Bring(sender, target, meant, from, stamp, batch, static _ => { }));
            Again(RepeatsWithinMs);
            for (int i = 0; i < BeginsAgain && stamp.Sequence == 0; i++)
            {
                Again(BeginsAgainWithinMs);
            }
        }

        if (IsLosing)
        {
            if (chance.Hits(Unanswered))
            {
                Bring(sender, target, meant, from, stamp, batch, static _ => { });
            }

            return;
        }

        if (stamp.Sequence > 0 && _losing.Remove(from.Node))
        {
            Bring(sender, target, meant, from, stamp, batch, static _ => { });
            return;
        }

        if (IsFlaky && chance.Hits(Flaky))
        {
            return;
        }

        Bring(sender, target, meant, from, stamp, batch, Settle);
        if (IsFlaky && chance.Hits(Flaky))
        {
            Bring(sender, target, meant, from, stamp, batch, static _ => { });
        }
    }

    private void Note(int to, ShardAddress from, ChannelStamp stamp, PeerBatch batch)
    {
        if (!world.Trace.IsOn)
        {
            return;
        }

        string way = $"{from.Node}.{from.Shard} to {to} ({stamp.Incarnation}/{stamp.Epoch}/{stamp.Sequence}, ring {batch.RingVersion}{(batch.IsComplete ? ", complete" : "")})";
        foreach (SessionReport report in batch.Reports)
        {
            world.Trace.Note(report.UserId, $"{way} reports {report.Kind} of {report.DeviceKey} {report.Status}");
        }

        foreach (ulong userId in batch.Changes.Keys)
        {
            world.Trace.Note(userId, $"{way} says {batch.Changes[userId].Status} as of {batch.Changes[userId].Version}");
        }
    }

    private void Bring(MemberProcess sender, Member target, ulong meant, ShardAddress from, ChannelStamp stamp, PeerBatch batch, Action<bool> settle) => world.Agenda.In(Delay(), () =>
    {
        if (!IsOpen(sender.Member, target))
        {
            return;
        }

        if (target.Process is not { } process || process.Incarnation != meant)
        {
            // Its port refuses, or the one who is meant is dead.
            Answer(target, sender, settle, isTaken: false);
            return;
        }

        Sent[target.Ordinal].ChangesTaken += batch.Changes.Count;
        ShardThread(process, from).Inbox.PostAnswer(new BatchArrived(from, stamp, batch, taken => Answer(target, sender, settle, taken)));
    });

    private static MemberThread ShardThread(MemberProcess process, ShardAddress from) => process.Threads[from.Shard % process.Threads.Length];

    private void Answer(Member target, MemberProcess sender, Action<bool> settle, bool isTaken)
    {
        if (IsFlaky && chance.Hits(Flaky))
        {
            return;
        }

        world.Agenda.In(Delay(), () =>
        {
            if (IsOpen(target, sender.Member))
            {
                settle(isTaken);
            }
        });
    }

    // Beyond the time-out too, when all is not well: what arrives then is of an epoch that is over.
    private long Delay()
    {
        long most = world.Plan.Settings.PeerMs;
        return IsFlaky && chance.Hits(Flaky) ? chance.Between(0, 3 * world.Plan.Settings.PeerTimeoutMs) : (most / 2) + chance.Between(0, most);
    }

    private static void Tell(MemberProcess sender, ShardAddress from, BatchSettled settled)
    {
        if (!sender.IsDead)
        {
            sender.Threads[from.Shard].Inbox.PostAnswer(settled);
        }
    }
}
