using Microsoft.Extensions.DependencyInjection.Extensions;
using Presence.Engine;
using Presence.Server.Admin;
using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics.Metrics;
using Presence.Server.Http;
using Presence.Server.Privacy;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.Server.Transport;
using Presence.Server.Transport.Admission;
using Presence.Server.Transport.Links;
using Presence.Server.Transport.WebSockets;

namespace Presence.Server.Hosting;

/// <summary>Puts a node together: reads like its table of contents.</summary>
internal static class NodeComposition
{
    public static WebApplication Compose(this WebApplicationBuilder builder, PresenceConfiguration configuration, DataDirectory directory, Joining? joining = null)
    {
        builder.Services.TryAddSingleton<ICheckpointDisk, CheckpointDisk>();
        builder.Services.TryAddSingleton<ILoadMeter, LoadMeter>();
        builder.Services
            .AddSingleton(configuration)
            .AddSingleton(directory)
            .AddSingleton(TimeProvider.System)
            .AddNodeMetrics(configuration)
            .AddPresenceSecurity(configuration)
            .AddSingleton(OpenJournal)
            .AddSingleton<IJournal>(static services => services.GetRequiredService<DiskJournal>())
            .AddSingleton(OpenStore)
            .AddSingleton<ILastActiveStore>(static services => services.GetRequiredService<LastActiveStore>())
            .AddCluster(joining, configuration, builder.Environment)
            .AddSingleton<NodeClock>()
            .AddSingleton<NodeFailure>()
            .AddSingleton<ShardSet>()
            .AddSingleton<NewUsers>()
            .AddSingleton<Admissions>()
            .AddSingleton<Gatekeeper>()
            .AddSingleton<BrowserOrigins>()
            .AddWatchPolicy(configuration)
            .AddGatewayLinks()
            .AddSingleton<Welcomes>()
            .AddSingleton<ClientContext>()
            .AddSingleton<StreamConnectionHandler>()
            .AddSingleton<LeanWebSocketHandler>()
            .AddSingleton<Lingering>()
            .AddSingleton<Drain>()
            .AddSingleton<OverloadMonitor>()
            .AddHostedService(static services => services.GetRequiredService<OverloadMonitor>())
            .AddHostedService<NodeService>()
            .AddMembership(joining)
            .AddHostedService(static services => services.GetRequiredService<RevocationUpkeep>())
            .AddHostedService(static services => services.GetRequiredService<Lingering>())
            .AddSingleton<ListenerAddresses>()
            .AddSingleton<IoCanary>()
            .AddHostedService(static services => services.GetRequiredService<IoCanary>())
            .AddHostedService<Greeting>()
            .AddSingleton<MatcherPolicy, ListenerSeparation>()
            .AddHttpApi(configuration)
            .AddCrossOrigin(configuration)
            .AddAdminService()
            .AddProblemDetails();
        builder.AddListeners(configuration);
        WebApplication app = builder.Build();
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseWebSockets();
        app.UseRouting();
        app.UseCrossOrigin();
        app.MapWebSocketConnections();
        app.MapHttpApi();
        app.MapAdminService();
        app.MapNodeMetrics(configuration);
        return app;
    }

    private static LastActiveStore OpenStore(IServiceProvider services)
    {
        StoreConfiguration store = services.GetRequiredService<PresenceConfiguration>().Store;
        var options = new StoreOptions
        {
            MemoryBudget = store.MemoryBudget.Bytes,
            Retention = store.Retention,
            CheckpointInterval = store.CheckpointInterval,
        };
        LastActiveStore opened = LastActiveStore.Open(
            services.GetRequiredService<DataDirectory>(),
            options,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<LastActiveStore>>(),
            services.GetRequiredService<ICheckpointDisk>(),
            services.GetRequiredService<DiskJournal>());
        opened.Load();
        return opened;
    }

    private static DiskJournal OpenJournal(IServiceProvider services)
    {
        PresenceConfiguration configuration = services.GetRequiredService<PresenceConfiguration>();
        JournalConfiguration journal = configuration.Journal;
        var options = new JournalOptions { Retention = journal.Retention, MaxBytes = journal.MaxBytes.Bytes };
        return DiskJournal.Open(
            services.GetRequiredService<DataDirectory>(),
            // Who waits in a cluster waits for Redis too, which hears of it 25 times a second.
            configuration.Cluster.IsMember() ? options with { CommitInterval = 2 * options.CommitInterval } : options,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<DiskJournal>>());
    }
}
