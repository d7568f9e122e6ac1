using Presence.Engine;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>
/// Tells the shards of this node who the members are: channels end and begin, then the ring is another. One view at a time.
/// </summary>
internal sealed class ViewFollower(ShardSet shards, PeerTransport transport, Ownership ownership, Joining joining, TimeProvider time)
{
    // It may be gone again, and so may others that are heard of meanwhile.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, Member> _open = [];
    private volatile TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _hears = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClusterView? _heard;

    /// <summary>The last that was followed; null before the first.</summary>
    public ClusterView? View { get; private set; }

    /// <summary>Completes once a version is followed. Any thread.</summary>
    public async Task FollowsAsync(long version)
    {
        while (true)
        {
            Task news = _news.Task;
            if (View?.Version >= version)
            {
                return;
            }

            await news;
        }
    }

    /// <summary>The one that was followed last; null before the first.</summary>
    public Ring? Ring { get; private set; }

    /// <summary>There is another version, which is followed when it is its turn. Any thread.</summary>
    public void Hear(ClusterView view)
    {
        _heard = view;
        Interlocked.Exchange(ref _hears, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>
    /// This node is a member anew, by another silo: all channels begin anew, of another incarnation. The others may have been without it in between, though it never saw such a ring: it gives up all users, and
    /// takes over who is its own by the ring that follows.
    /// </summary>
    /// <param name="view">Which will be followed.</param>
    /// <param name="self">This node's ordinal.</param>
    public async Task BeginAsync(ClusterView view, int self)
    {
        if (View is not null && view.Ring.FirstOrDefault(member => member.Ordinal != self) is { } other)
        {
            await FollowAsync(new RoutingTable(view.Version - 1, RingOf([other.Name.NodeId]), [other.Ordinal]), self);
        }

        foreach (int node in _open.Keys)
        {
            await shards.PostToAllAsync(() => new NodeClosed(node, isDead: false));
        }

        _open.Clear();
    }

    /// <param name="self">This node's ordinal.</param>
    /// <param name="incarnation">Of its membership.</param>
    /// <param name="begin">The way to a member.</param>
    /// <param name="isNew">It is this node that comes: nobody has to be waited for.</param>
    /// <param name="over">The silo is.</param>
    public async Task FollowAsync(ClusterView view, int self, ulong incarnation, Func<Member, PeerRoute> begin, bool isNew, CancellationToken over)
    {
        Member[] others = [.. view.Members.Values.Where(member => member.Ordinal != self)];
        Member[] gone = [.. _open.Values.Where(member => !others.Any(other => other.Silo.Equals(member.Silo)))];
        bool[] areDead = await Task.WhenAll(gone.Select(member => IsDeadAsync(member, view)));
        foreach ((Member member, bool isDead) in gone.Zip(areDead))
        {
            _open.Remove(member.Ordinal);
            await shards.PostToAllAsync(() => new NodeClosed(member.Ordinal, isDead));
        }

        over.ThrowIfCancellationRequested();
        transport.Route(others, begin);
        Member[] come = [.. others.Where(member => _open.TryAdd(member.Ordinal, member))];
        foreach (Member member in come)
        {
            await shards.PostToAllAsync(() => new NodeOpened(member.Ordinal, incarnation, member.Name.Incarnation));
        }

        // Before who comes is waited for: a ring takes its time, and from then on all are to follow at once.
        RoutingTable? table = TableOf(view);
        table?.Prepare(self);
        if (!isNew && View is { } before && LosesNobody(before, view))
        {
            await AreReadyAsync(view, come.Where(static member => member.IsActive), over);
        }

        if (table is not null)
        {
            await FollowAsync(table, self);
        }

        View = view;
        Interlocked.Exchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private static bool LosesNobody(ClusterView before, ClusterView after) =>
        before.Ring.All(member => after.Members.TryGetValue(member.Ordinal, out Member? now) && now.IsActive && now.Silo.Equals(member.Silo));

    // Who comes is a member before it knows: until it follows the ring that it is in, and takes what our shards say, its users do well where they are. Nobody else is left waiting for it: somebody who is lost ends it.
    private async Task AreReadyAsync(ClusterView view, IEnumerable<Member> come, CancellationToken over)
    {
        Task ready = Task.WhenAll(come.Select(member => IsReadyAsync(view, member)));
        Task late = Task.Delay(s_patience, time, over);
        while (!ready.IsCompleted && !late.IsCompleted)
        {
            Task hears = _hears.Task;
            if (_heard is { } newest && newest.Version > view.Version && !LosesNobody(view, newest))
            {
                break;
            }

            await Task.WhenAny(ready, late, hears);
        }

        // Who did not answer is waited for no longer.
        _ = ready.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        over.ThrowIfCancellationRequested();
    }

    private async Task IsReadyAsync(ClusterView view, Member member)
    {
        if (transport.At(member.Ordinal) is { } service)
        {
            await service.FollowsAsync(view.Version);
            await shards.AllTellAsync(told => new NodeTakes(member.Ordinal, told));
        }
    }

    // Another process has its name, or its port refuses.
    private static async Task<bool> IsDeadAsync(Member gone, ClusterView view) =>
        (view.Members.TryGetValue(gone.Ordinal, out Member? now) && now.Name.Process != gone.Name.Process) || await DeathProbe.IsGoneAsync(gone.Silo.Endpoint);

    // Null: the shards stay with the one they have.
    private RoutingTable? TableOf(ClusterView view)
    {
        Member[] members = [.. view.Ring.OrderBy(static member => member.Name.NodeId, StringComparer.Ordinal)];
        if (members is [] || view.Version <= View?.Version)
        {
            // The last of them leaves: its users stay its own to the end.
            return null;
        }

        string[] names = [.. members.Select(static member => member.Name.NodeId)];
        if (Ring is null || !Ring.Members.SequenceEqual(names, StringComparer.Ordinal))
        {
            Ring = RingOf(names);
        }

        return new(view.Version, Ring, [.. members.Select(static member => member.Ordinal)])
        {
            Follows = HasMissed(view) ? view.Version - 1 : null,
        };
    }

    // Somebody came and went in versions that were passed over: users of ours may have been its own in between.
    private bool HasMissed(ClusterView view) => View is { } before && view.Version > before.Version + 1
        && view.Gone.Any(silo => !before.Gone.Contains(silo) && !before.Members.Values.Any(member => member.Silo.Equals(silo)));

    private async Task FollowAsync(RoutingTable table, int self)
    {
        ownership.Follow(table, self);
        await shards.PostToAllAsync(() => new RingChanged(table));
    }

    private Ring RingOf(string[] names) => new(names, unchecked((long)joining.Identity.Seed));
}
