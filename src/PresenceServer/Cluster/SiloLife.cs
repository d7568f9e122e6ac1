using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Presence.Server.Admin;
using Presence.Server.Cluster.Streams;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>
/// One life of the silo: this node's membership, and the calls to others. It is a part of the node, not its host: told that it is dead it ends alone, and the next begins.
/// </summary>
internal sealed class SiloLife : IAsyncDisposable
{
    // Beyond it a silo that does not stop is left to itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    // The hand-over takes 5 s at most, Redis three.
    private static readonly TimeSpan s_leaving = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly FatalError _fatal;
    private readonly PeerClient _peers;
    private readonly IMembershipTable _table;
    private readonly StreamListener _streams;
    private readonly PeerSecurity _security;
    private readonly PeerCounters _counters;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _log;

    private SiloLife(IHost host, FatalError fatal, StreamListener streams, PeerSecurity security, PeerCounters counters, TimeProvider time, ILoggerFactory log)
    {
        (_host, _fatal, _streams, _security, _counters, _time, _log) = (host, fatal, streams, security, counters, time, log);
        Address = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        Membership = host.Services.GetRequiredService<IClusterMembershipService>();
        _peers = host.Services.GetRequiredService<PeerClient>();
        _table = host.Services.GetRequiredService<IMembershipTable>();
    }

    public SiloAddress Address { get; }

    public IClusterMembershipService Membership { get; }

    /// <summary>Completes when it cannot go on: mostly because the others have declared it dead.</summary>
    public Task Failed => _fatal.Failed;

    /// <summary>Starts a silo and waits until it is a member.</summary>
    /// <param name="settings">What it needs to know.</param>
    /// <param name="ends">Get what other nodes say.</param>
    /// <param name="leaving">Waited for between its word that it leaves and the end of its calls.</param>
    /// <exception cref="Exception">It could not.</exception>
    public static async Task<SiloLife> StartAsync(SiloSettings settings, PeerEnds ends, PeerCounters counters, TimeProvider time, ILoggerFactory log, Func<CancellationToken, Task> leaving, CancellationToken cancel)
    {
        var fatal = new FatalError();
        var streams = new StreamListener(new(settings.Address.Address, settings.StreamPort), ends.Inbox, settings.Security, time, log.CreateLogger<StreamListener>());
        IHost? host = null;
        try
        {
            host = Build(settings, ends, streams, fatal, log, leaving);
            await host.StartAsync(cancel);
            return new SiloLife(host, fatal, streams, settings.Security, counters, time, log);
        }
        catch
        {
            host?.Dispose();
            await streams.DisposeAsync();
            throw;
        }
    }

    /// <summary>The way to another.</summary>
    public PeerRoute RouteTo(SiloAddress silo) => new(Address, silo, _peers.At(silo), _security, _counters, _time, _log.CreateLogger<PeerRoute>());

    /// <summary>Who is no member any more is not heard by any way: its calls are refused by the membership, its streams here.</summary>
    public void Refuse(IReadOnlySet<SiloAddress> gone) => _streams.Refuse(gone);

    /// <summary>The version of the membership as the table has it.</summary>
    /// <returns>Null: the table is gone.</returns>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<long?> TableVersionAsync()
    {
        try
        {
            return (await _table.ReadAllAsync()).Version.Version;
        }
        catch (Orleans.Clustering.Redis.RedisClusteringException)
        {
            return null;
        }
    }

    /// <summary>Says that the node leaves, waits for what that takes, and leaves.</summary>
    public async Task LeaveAsync()
    {
        using var urged = new CancellationTokenSource(s_leaving);
        await _host.StopAsync(urged.Token).WaitAsync(s_leaving + s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync();
    }

    /// <summary>Ends it without a word, as far as it can be ended.</summary>
    public async ValueTask DisposeAsync()
    {
        using var urged = new CancellationTokenSource(s_patience);
        await Task.Run(
            async () =>
            {
                await _host.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _host.Dispose();
            },
            urged.Token).WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _streams.DisposeAsync();
    }

    private static IHost Build(SiloSettings settings, PeerEnds ends, StreamListener streams, FatalError fatal, ILoggerFactory log, Func<CancellationToken, Task> leaving)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        // In front of the silo's own, which would end the process.
        builder.Services.AddSingleton<IFatalErrorHandler>(fatal);
        builder.UseOrleans(silo => Configure(silo, settings));
        builder.Services
            .AddSingleton(log)
            .AddSingleton(ends.Inbox)
            .AddSingleton(streams)
            .AddSingleton(ends.Admin)
            .AddSingleton(ends.Follower)
            .AddSingleton<PeerClient>()
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new Leaving(leaving));
        builder.Services.RemoveAll<IHostLifetime>();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        return builder.Build();
    }

    private static void Configure(ISiloBuilder silo, SiloSettings settings)
    {
        silo.UseRedisClustering(options =>
        {
            options.ConfigurationOptions = settings.Redis;
            options.CreateRedisKey = cluster => $"{Registry.Prefix}members:{cluster.ClusterId}";
        });
        silo.ConfigureEndpoints(settings.Address.Address, settings.Address.Port, gatewayPort: 0);
        silo.AddGrainService<PeerService>();
        silo.Services
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (settings.MembershipName, "presence"))
            .Configure<SiloOptions>(options => options.SiloName = settings.Name.ToString())
            .Configure<ClusterMembershipOptions>(Judge)
            .Configure<ConnectionOptions>(options => options.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
        settings.Security.Secure(silo);
    }

    // A killed node is out in one to three seconds, a frozen or cut one in about five: pauses of three pass unseen.
    private static void Judge(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 5;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        // A cluster that starts again as a whole finds its dead in the table: they are no reason to wait, they are found dead by their probes.
        membership.MaxJoinAttemptTime = TimeSpan.FromSeconds(10);
        membership.EvictWhenMaxJoinAttemptTimeExceeded = true;
        membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
    }

    private sealed class FatalError : IFatalErrorHandler
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Failed => _failed.Task;

        public bool IsUnexpected(Exception exception) => true;

        public void OnFatalException(object? sender, string? context, Exception? exception) =>
            _failed.TrySetResult();
    }

    // Stages end in the opposite order: this one behind the word that the node leaves, before its services.
    private sealed class Leaving(Func<CancellationToken, Task> leaving) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe(nameof(Leaving), ServiceLifecycleStage.ApplicationServices, static _ => Task.CompletedTask, leaving);
    }

    // The node's own decides.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What a silo is told at its start.</summary>
/// <param name="Redis">Of the membership.</param>
/// <param name="MembershipName">As <see cref="ClusterIdentity.MembershipName"/>.</param>
/// <param name="Address">Where it listens, and where others reach it.</param>
/// <param name="StreamPort">At that address, for the streams of others; 0: any that is free.</param>
/// <param name="Security">Of both.</param>
internal sealed record SiloSettings(ConfigurationOptions Redis, string MembershipName, MemberName Name, IPEndPoint Address, int StreamPort, PeerSecurity Security);

/// <summary>Parts of the node that outlive each silo, and get what comes over it.</summary>
/// <param name="Inbox">What shards say.</param>
/// <param name="Admin">What operators ask.</param>
/// <param name="Follower">Which version is followed.</param>
internal sealed record PeerEnds(PeerInbox Inbox, AdminRelay Admin, ViewFollower Follower);
