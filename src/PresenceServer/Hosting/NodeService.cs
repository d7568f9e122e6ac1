using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.V1;

namespace Presence.Server.Hosting;

/// <summary>
/// The life of a node. Start: journal, store, shards, then (by the host) listeners, then accepting. Stop: tell the clients, then (by the host) listeners,
/// then shards, then store, then journal: what a later step needs is still there.
/// </summary>
internal sealed partial class NodeService(
    ShardSet shards, LastActiveStore store, DiskJournal journal, IHostApplicationLifetime lifetime, ILogger<NodeService> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        shards.Start();
        lifetime.ApplicationStarted.Register(() => _ = shards.PostToAllAsync(static () => new AcceptingBegins()));
        lifetime.ApplicationStopping.Register(TellClients);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        shards.Stop();
        await store.DisposeAsync();
        await journal.DisposeAsync();
    }

    private void TellClients()
    {
        LogStopping();
        _ = shards.PostToAllAsync(static () => new NodeStops(CloseCode.Draining));
    }

    [LoggerMessage(Diagnostics.LogEvents.Stopping, LogLevel.Information, "Stopping: clients are told to come back, their sessions are kept")]
    private partial void LogStopping();
}
