using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Presence.Server.Cluster.Rehearsing;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Storage;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>What a node knows of its cluster before anything of it is started: its data, and the numbers of its shards, depend on it.</summary>
/// <param name="Connection">To Redis, for all that is not the membership's; shared, and reconnects by itself.</param>
/// <param name="Redis">How to connect.</param>
/// <param name="Identity">Of the cluster.</param>
/// <param name="Name">Of this node.</param>
/// <param name="Claim">That the name is this process's.</param>
/// <param name="Security">Between nodes.</param>
/// <param name="ResumeSecrets">Of the cluster: a client may come back to any node.</param>
/// <param name="Rehearsal">Under way beside the rest of the start; to be over before the node is a member.</param>
internal sealed record Joining(
    IConnectionMultiplexer Connection,
    ConfigurationOptions Redis,
    ClusterIdentity Identity,
    MemberName Name,
    NameClaim Claim,
    PeerSecurity Security,
    ResumeSecrets ResumeSecrets,
    Task<Rehearsed> Rehearsal) : IAsyncDisposable
{
    // A Redis that hangs is one that is away.
    private const int RedisPatienceMs = 3_000;

    // The default grows to 10 s.
    private const int ReconnectMs = 500;

    /// <summary>Agrees with the others on who they are. Waits for Redis.</summary>
    /// <exception cref="DataDirectoryException">The directory belongs to another cluster.</exception>
    /// <exception cref="ListenerException">The address for the other nodes cannot be listened on.</exception>
    /// <exception cref="ClockAheadException">The clock of this machine is ahead of Redis's.</exception>
    /// <exception cref="NodeNameException">There is another node of that name.</exception>
    /// <exception cref="OperationCanceledException">The node is to stop.</exception>
    public static async Task<Joining> PrepareAsync(PresenceConfiguration configuration, TimeProvider time, ILoggerFactory log, CancellationToken cancel)
    {
        Task<Rehearsed> rehearsal = Task.Factory.StartNew(Rehearsing.Rehearsal.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var options = ConfigurationOptions.Parse(configuration.Cluster.Redis);
        // Of commands that need the last: CONFIG GET, to see whether Redis persists.
        (options.AbortOnConnectFail, options.ClientName, options.AllowAdmin) = (false, configuration.Cluster.NodeId, true);
        (options.ConnectTimeout, options.SyncTimeout, options.AsyncTimeout) = (RedisPatienceMs, RedisPatienceMs, RedisPatienceMs);
        // What waits for a connection waits for one that may never come: who asked finds out at once, and asks again.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        // A Redis that is back is found at once: what members have to write back, a node that starts must see before it founds a cluster (Founding).
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMs);
        ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        var registry = new Registry(connection.GetDatabase());
        ulong? seed = DataDirectory.SeedAt(configuration.DataDirectory);
        ClusterIdentity identity = await new Founding(registry, time, log.CreateLogger<Founding>()).AgreeAsync(seed, cancel);
        if (seed is not null && seed != identity.Seed)
        {
            throw new DataDirectoryException(
                $"The data directory '{configuration.DataDirectory}' is not of the cluster {identity.Name} that Presence:Cluster:Redis holds: it was made by a node that was alone, or in another cluster. "
                + "Start on an empty directory; what the cluster knows of users comes from Redis.");
        }

        await ClockRule.CheckAsync(registry, time);
        ulong process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        NameClaim claim = await ClaimAsync(registry, configuration.Cluster, process, time);
        var name = new MemberName(await registry.OrdinalOfAsync(configuration.Cluster.NodeId), process, Incarnation: 0, configuration.Cluster.NodeId);
        return new(connection, options, identity, name, claim, new PeerSecurity(configuration.Cluster), await SecretsAsync(registry, time), rehearsal);
    }

    private static async Task<ResumeSecrets> SecretsAsync(Registry registry, TimeProvider time)
    {
        string? before = await registry.ResumeSecretsAsync();
        while (true)
        {
            var secrets = ResumeSecrets.At(before, "presence:resume in Redis", time.GetUtcNow());
            string now = secrets.Format();
            if (now == before)
            {
                return secrets;
            }

            // Another may have been quicker.
            before = await registry.ReplaceResumeSecretsAsync(before, now);
        }
    }

    // Two processes of one name would be one member after the other, for ever. The claim of one that had this address before counts no more, so that it has to be bound first.
    private static async Task<NameClaim> ClaimAsync(Registry registry, Configuration.ClusterConfiguration cluster, ulong process, TimeProvider time)
    {
        Try("Presence:Cluster:PeerAddress", cluster.PeerEndPoint());
        Try("Presence:Cluster:StreamPort", new(cluster.PeerEndPoint().Address, cluster.StreamPort));
        var claim = new NameClaim(registry, cluster.NodeId, process, cluster.PeerEndPoint(), time);
        await claim.RenewAsync();
        return claim;
    }

    private static void Try(string setting, IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
        }
        catch (SocketException e)
        {
            throw new ListenerException(setting, address.ToString(), e.SocketErrorCode, e);
        }
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
