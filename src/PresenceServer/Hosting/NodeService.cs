using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Hosting;

/// <summary>
/// The life of a node. Start: journal, store, shards, then (by the host) listeners, then accepting, while the store goes on to load its records. Stop: tell the
/// clients, then (by the host) listeners, then shards, then store, then journal: what a later step needs is still there.
/// </summary>
internal sealed class NodeService(
    ShardSet shards, LastActiveStore store, DiskJournal journal, Drain drain, OverloadMonitor overload, NodeFailure failure, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = EndOnFailureAsync();
        shards.Start();
        long promisedForMs = Math.Max(drain.PromisedForMs(), overload.ComeBackWithinMs());
        lifetime.ApplicationStarted.Register(() => _ = shards.PostToAllAsync(() => new AcceptingBegins { HeldForMs = promisedForMs }));
        // Usually they have been told before it stops.
        lifetime.ApplicationStopping.Register(() => _ = drain.TellAsync());
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
}
