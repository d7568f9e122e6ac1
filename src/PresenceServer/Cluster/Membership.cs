using Orleans.Runtime;
using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Cluster.Rehearsing;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Storage.Shared;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>
/// This node's membership of its cluster, from the start of the node to its end: one silo after another, each view of the members to the shards. While there is no silo the node keeps its clients and what it knows,
/// and says nothing to others.
/// </summary>
internal sealed partial class Membership(
    Joining joining,
    BeforeJoining beforeJoining,
    Registry registry,
    PresenceConfiguration configuration,
    PeerInbox inbox,
    AdminRelay admin,
    ShardSet shards,
    PeerTransport transport,
    PeerCounters counters,
    ViewFollower follower,
    HandingOver handingOver,
    JournalShipper shipper,
    StopSignals signals,
    NodeFailure failure,
    TimeProvider time,
    ILoggerFactory log,
    ILogger<Membership> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_tryAgain = TimeSpan.FromMilliseconds(500);

    // How long the members of before have to come to a cluster that was founded again, before it goes on without them.
    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(10);

    // Of a node that comes: how long its other parts wait until the others have named all who are up of its users. It does not take long, and until then somebody may be waiting for what it is doing.
    private static readonly TimeSpan s_warming = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_shipping = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Seldom _said = new(time);
    private readonly Seldom _lost = new(time);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;
    private SiloLife? _silo;
    private volatile bool _isLeaving;

    /// <summary>Which founding of the cluster it is a member of.</summary>
    public ClusterIdentity Identity { get; private set; } = joining.Identity;

    /// <summary>The last view that the shards were told of; null before the first.</summary>
    public ClusterView? View => follower.View;

    /// <summary>Why there is no membership now; null: there is one.</summary>
    public string? Problem { get; private set; } = "it has not joined yet";

    /// <summary>The cluster is founded again, and its members are not together yet.</summary>
    public bool IsFounding { get; private set; }

    /// <summary>The cluster has had three members at once: of two that are left one is missing, and they go on. Known some time after the membership.</summary>
    public bool HasGrown { get; private set; }

    /// <summary>Completes when the node is a member and its shards know of all others; however long that takes, unless the node is to stop.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _run = RunAsync(_stopping.Token);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, signals.AskedToken);
        await (await Task.WhenAny(_joined.Task, _run).WaitAsync(stopped.Token)).WaitAsync(stopped.Token);
    }

    /// <summary>Leaves: hands its users over, then says no more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        if (_silo is { } silo)
        {
            // The homes to come find what this one has decided.
            Task shipped = shipper.ShippedAsync().WaitAsync(s_shipping, time, cancellationToken);
            await shipped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await silo.LeaveAsync();
        }

        await _stopping.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken stopping)
    {
        await beforeJoining.CompleteAsync();
        while (!_isLeaving)
        {
            try
            {
                await LiveAsync(stopping);
            }
            catch (NodeNameException e) when (!_isLeaving)
            {
                failure.OfName(e);
            }
            catch (Exception e) when (!_isLeaving)
            {
                Lose(e.Message);
            }
            catch
            {
                return;
            }

            await Task.Delay(s_tryAgain, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LiveAsync(CancellationToken stopping)
    {
        await ClockRule.CheckAsync(registry, time);
        ulong incarnation = await joining.Claim.RenewAsync();
        var settings = new SiloSettings(joining.Redis, Identity.MembershipName, joining.Name with { Incarnation = incarnation }, configuration.Cluster.PeerEndPoint(), configuration.Cluster.StreamPort, joining.Security);
        await using SiloLife silo = await SiloLife.StartAsync(settings, new(inbox, admin, follower), counters, time, log, HandOverAsync, stopping);
        _silo = silo;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task following = FollowAsync(silo, incarnation, over.Token);
        Task hearing = HearAsync(silo, over.Token);
        Task watching = WatchAsync(silo, over.Token);
        Task first = await Task.WhenAny(following, watching, silo.Failed);
        await over.CancelAsync();
        _silo = null;
        transport.RouteNowhere();
        await Task.WhenAll(following, hearing, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // What was followed last may have made ways again, by a silo that is over.
        transport.RouteNowhere();
        if (first == silo.Failed)
        {
            Lose("its silo cannot go on, mostly because the others have declared it dead");
        }

        IsFounding = first == watching;
        Problem = IsFounding ? "the cluster is founded again" : Problem;
        await first;
    }

    // Who was declared dead has nobody to hand over to: the others have taken over.
    private Task HandOverAsync(CancellationToken cancel) => _isLeaving ? handingOver.CompleteAsync(cancel) : Task.CompletedTask;

    // Tried again twice a second: what goes on is said once in a while.
    private void Lose(string problem)
    {
        bool isNews = problem != Problem;
        Problem = problem;
        if (_lost.IsTime() || isNews)
        {
            LogLost(problem);
        }
    }

    private async Task FollowAsync(SiloLife silo, ulong incarnation, CancellationToken over)
    {
        bool hasBegun = false;
        await foreach (ClusterMembershipSnapshot snapshot in silo.Membership.MembershipUpdates.WithCancellation(over))
        {
            var view = ClusterView.Of(Identity, snapshot);
            bool isMember = view.Members.TryGetValue(joining.Name.Ordinal, out Member? self) && self.Silo.Equals(silo.Address);
            if (!isMember || IsGathering(view) || (hasBegun && view.Version <= follower.View!.Version))
            {
                continue;
            }

            if (!hasBegun)
            {
                await follower.BeginAsync(view, joining.Name.Ordinal);
            }

            await follower.FollowAsync(view, joining.Name.Ordinal, incarnation, member => silo.RouteTo(member.Silo), isNew: !hasBegun, over);
            hasBegun = true;
            LogViewed(view.Version, string.Join(", ", view.Ring.Select(static member => member.Name.NodeId).Order(StringComparer.Ordinal)));
            (Problem, IsFounding) = (null, false);
            if (!_joined.Task.IsCompleted)
            {
                _ = JoinedAsync(over);
            }
        }
    }

    private async Task JoinedAsync(CancellationToken over)
    {
        await shards.AllTellAsync(static told => new HomeWarms(told)).WaitAsync(s_warming, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _joined.TrySetResult();
    }

    // Beside what is being followed: who is gone is heard no more, and is a reason to make haste.
    private async Task HearAsync(SiloLife silo, CancellationToken over)
    {
        await foreach (ClusterMembershipSnapshot snapshot in silo.Membership.MembershipUpdates.WithCancellation(over))
        {
            var view = ClusterView.Of(Identity, snapshot);
            silo.Refuse(view.Gone);
            follower.Hear(view);
        }
    }

    // Somebody of before is missing, and may still come. Looked at again when the membership is read the next time, 5 s later at most: its updates come with each reading, whether anything is new or not.
    private bool IsGathering(ClusterView view) =>
        time.GetUtcNow() < DateTimeOffset.FromUnixTimeSeconds(Identity.Epoch) + s_gather
        && !Identity.Expected.All(id => view.Ring.Any(member => member.Name.NodeId == id));

    // Ends when the cluster has been founded again, by us or by others; fails when another process is this node.
    private async Task WatchAsync(SiloLife silo, CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(s_look, time, over);
            try
            {
                if (await LookAsync(silo) is { } other)
                {
                    Identity = other;
                    return;
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // Redis is away: the members stay who they are.
            }
        }
    }

    /// <returns>The founding that counts now; null: ours goes on.</returns>
    private async Task<ClusterIdentity?> LookAsync(SiloLife silo)
    {
        ClusterIdentity? found = await registry.FindAsync();
        if (found is not null && found.Seed != Identity.Seed)
        {
            if (_said.IsTime())
            {
                LogOther(found.Name, Identity.Name);
            }

            return null;
        }

        if (found?.Epoch > Identity.Epoch)
        {
            return found;
        }

        if (found?.Epoch == Identity.Epoch && await silo.TableVersionAsync() is { } version && Identity.RingVersion(version) >= (follower.View?.Version ?? 0))
        {
            await joining.Claim.KeepAsync();
            await LookWhetherGrownAsync();
            return null;
        }

        LogForgotten();
        await registry.RememberAsync(follower.View?.Members.Values.Select(static member => member.Name) ?? [joining.Name]);
        if (HasGrown)
        {
            await registry.RememberGrownAsync();
        }

        return await registry.FoundAsync(Identity.Next(time, follower.View?.Ring.Select(static member => member.Name.NodeId) ?? []));
    }

    private async Task LookWhetherGrownAsync()
    {
        if (!HasGrown && follower.View?.Ring.Count() > 2)
        {
            await registry.RememberGrownAsync();
        }

        HasGrown = HasGrown || await registry.HasGrownAsync();
    }

    [LoggerMessage(LogEvents.ClusterViewed, LogLevel.Information, "Members of version {Version}: {Members}")]
    private partial void LogViewed(long version, string members);

    [LoggerMessage(LogEvents.MembershipLost, LogLevel.Warning, "The node is no member for the moment ({Problem}); it keeps its clients and joins again")]
    private partial void LogLost(string problem);

    [LoggerMessage(LogEvents.MembershipForgotten, LogLevel.Error, "Redis has lost the membership, or has an older one: the members found the cluster again. Let Redis persist (appendonly yes)")]
    private partial void LogForgotten();

    [LoggerMessage(LogEvents.OtherCluster, LogLevel.Critical, "Redis holds another cluster, {Found}, than that of this node, {Own}: the members go on as they are and nobody can join. Point Presence:Cluster:Redis back, or restore that Redis")]
    private partial void LogOther(string found, string own);
}
