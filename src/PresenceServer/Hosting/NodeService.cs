using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.V1;

namespace Presence.Server.Hosting;

/// <summary>
/// The life of a node. Start: journal, store, shards, then (by the host) listeners, then accepting, while the store goes on to load its records. Stop: tell the
/// clients, then (by the host) listeners, then shards, then store, then journal: what a later step needs is still there.
/// </summary>
internal sealed partial class NodeService(
    ShardSet shards, LastActiveStore store, DiskJournal journal, NodeFailure failure, IHostApplicationLifetime lifetime, ILogger<NodeService> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = EndOnFailureAsync();
        shards.Start();
        lifetime.ApplicationStarted.Register(() => _ = shards.PostToAllAsync(static () => new AcceptingBegins()));
        lifetime.ApplicationStopping.Register(TellClients);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!store.Loaded.IsCompleted)
        {
            // Who has come meanwhile is saved when it is known what there is to add to; with nobody here it ends at once.
            await store.ForAsync(shards.EverybodyIsKnownAsync());
        }

        shards.Stop();
        await store.DisposeAsync();
        await journal.DisposeAsync();
    }

    private async Task EndOnFailureAsync()
    {
        try
        {
            await store.Loaded;
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        catch (Exception e)
        {
            failure.OfStore(e);
        }
    }

    private void TellClients()
    {
        LogStopping();
        _ = shards.PostToAllAsync(static () => new NodeStops(CloseCode.Draining));
    }

    [LoggerMessage(Diagnostics.LogEvents.Stopping, LogLevel.Information, "Stopping: clients are told to come back, their sessions are kept")]
    private partial void LogStopping();
}
