using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Presence.Engine;
using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Privacy;
using Presence.Server.Storage;
using Presence.Server.Transport.Epoll;

namespace Presence.Server.Hosting;

/// <summary>The shards of this node and who belongs to which.</summary>
internal sealed class ShardSet
{
    private readonly ShardHost[] _hosts;
    private readonly Topology _topology;
    private readonly long _deviceSeed;

    public ShardSet(
        PresenceConfiguration configuration, DataDirectory directory, ILastActiveStore store, IJournal journal, WatchGate gate, NodeClock clock, NodeFailure failure, Place place)
    {
        _topology = new Topology(place.Node, configuration.Shards, directory.Partitions, unchecked((long)directory.HashSeed));
        _deviceSeed = unchecked((long)directory.HashSeed);
        var setup = new ShardSetup(ShardOptionsOf(configuration, hidesUsers: !gate.IsOpen), _topology, store, journal, RandomNumberGenerator.GetInt32(int.MaxValue)) { Transport = place.Transport };
        IShardRest[] rests = [.. Enumerable.Range(0, configuration.Shards).Select(_ => RestOf(configuration.Transport, clock))];
        Shard[] shards = setup.Build(rests, clock.Read());
        _hosts = [.. shards.Select((shard, i) => new ShardHost(shard, rests[i], clock, failure.OfShard))];
        place.Transport?.Connect(_hosts.Select(static host => host.Inbox));
    }

    public IReadOnlyList<ShardHost> All => _hosts;

    public int PartitionOf(ulong userId) => _topology.PartitionOf(userId);

    /// <summary>The shard that carries a user's sessions.</summary>
    public ShardHost Of(ulong userId) => _hosts[_topology.EdgeOf(userId)];

    /// <summary>The number of that shard.</summary>
    public int NumberOf(ulong userId) => _topology.EdgeOf(userId);

    /// <summary>What the engine knows a device by; never 0, which is the phantom's.</summary>
    public ulong DeviceKey(string deviceId) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(deviceId), _deviceSeed) | 1;

    /// <summary>
    /// What the engine knows a user's device on a gateway link by; never 0. No text has the byte in front in its UTF-8, so no client can name its device so.
    /// </summary>
    public ulong GatewayKey(string gatewayId) => XxHash3.HashToUInt64([0xFF, .. Encoding.UTF8.GetBytes(gatewayId)], _deviceSeed) | 1;

    public void Start()
    {
        foreach (ShardHost host in _hosts)
        {
            host.Start();
        }
    }

    /// <summary>Posts a message of its own to every shard.</summary>
    public async Task PostToAllAsync(Func<ShardMessage> message)
    {
        foreach (ShardHost host in _hosts)
        {
            await host.PostLivenessAsync(message());
        }
    }

    /// <summary>Completes when the store has told every shard what it keeps of the users in memory.</summary>
    public Task EverybodyIsKnownAsync() => AllTellAsync(static told => new EverybodyKnown(told));

    /// <summary>Posts a message to every shard that calls back, and completes when all have.</summary>
    public async Task AllTellAsync(Func<Action, ShardMessage> message)
    {
        TaskCompletionSource[] told = [.. _hosts.Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        for (int i = 0; i < _hosts.Length; i++)
        {
            await _hosts[i].PostLivenessAsync(message(told[i].SetResult));
        }

        await Task.WhenAll(told.Select(static one => one.Task));
    }

    public void Stop()
    {
        foreach (ShardHost host in _hosts)
        {
            host.Stop();
        }
    }

    private static IShardRest RestOf(TransportKind transport, NodeClock clock) =>
        transport == TransportKind.Epoll ? new EpollLoop(clock) : new IdleRest(clock);

    private static ShardOptions ShardOptionsOf(PresenceConfiguration configuration, bool hidesUsers) => new()
    {
        MaxCongested = (int)Math.Clamp(
            configuration.Limits.TotalOutboundBytes.Bytes / configuration.Limits.OutboundBytes / configuration.Shards, 1, int.MaxValue),
        HeartbeatIntervalMs = Ms(configuration.Session.HeartbeatInterval),
        MaxHeartbeatIntervalMs = Ms(configuration.Overload.MaxIntervalOf(configuration.Session.HeartbeatInterval)),
        ToleranceMs = Ms(configuration.Session.Tolerance),
        HoldMs = Ms(configuration.Session.Hold),
        AwayAfterMs = Ms(configuration.Session.AwayAfter),
        CongestedForMs = Ms(configuration.Limits.CongestedFor),
        LinkResyncMs = Ms(configuration.Session.LinkResync),
        HidesUsers = hidesUsers,
        MaxGateways = configuration.Limits.Gateways,
        MaxWatches = configuration.Limits.Watches,
        MaxUsers = configuration.Limits.ShardUsers,
        MaxDevices = configuration.Limits.Devices,
        MaxPendingRequests = configuration.Limits.PendingRequests,
        MaxLinkPendingRequests = configuration.Limits.LinkPendingRequests,
        MaxLateUsers = configuration.Limits.LateUsers,
        MaxFrameBytes = configuration.Limits.MaxFrameBytes,
        StatusChanges = configuration.Limits.StatusChanges.Count,
        StatusChangesPerMs = Ms(configuration.Limits.StatusChanges.Per),
    };

    private static long Ms(TimeSpan time) => (long)time.TotalMilliseconds;
}
