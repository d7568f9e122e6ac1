using Presence.Client.Connections;
using Presence.V1;

namespace Presence.Client.Session;

/// <summary>Keeps what the server watches for this connection equal to what the application wants watched.</summary>
internal sealed class Watcher(WatchedUsers watched, ConnectionGate gate, TimeProvider time)
{
    /// <summary>Returns when the server has answered for all of them, on this connection or a later one.</summary>
    public async Task WatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation)
    {
        // Together: what is added while there is no connection is part of the next one's sync; else it is ours to ask for.
        (List<ulong> added, RequestChannel? channel) = gate.With(channel => (watched.Add(userIds, Limit(channel)), channel));
        try
        {
            if (channel is not null)
            {
                await TryWatchAllAsync(channel, userIds, cancellation).ConfigureAwait(false);
            }
            // Also when ours is answered: until the connection is synced every view is stale.
            await gate.Synced.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (PresenceException)
        {
            // All of it or nothing: what an earlier part of a long list got is given back.
            await UnwatchAsync(added, cancellation).ConfigureAwait(false);
            throw;
        }
    }

    public async Task UnwatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation)
    {
        RequestChannel? channel = gate.With(channel =>
        {
            watched.Remove(userIds);
            return channel;
        });
        try
        {
            foreach (ulong[] part in userIds.Chunk(channel?.IdsPerWatch ?? int.MaxValue))
            {
                await (channel?.AskAsync(id => UnwatchFrame(id, part), null, cancellation) ?? Task.CompletedTask).ConfigureAwait(false);
            }
        }
        catch (ConnectionLostException)
        {
            // Watches never outlive a connection.
        }
    }

    /// <summary>Asks for everyone on a new connection; what the server cannot answer now is asked again while it lives.</summary>
    public async Task SyncAsync(RequestChannel channel, ulong[] userIds, BackOff backOff)
    {
        try
        {
            foreach (ulong[] part in userIds.Chunk(channel.IdsPerWatch))
            {
                await WatchPatientlyAsync(channel, part, backOff).ConfigureAwait(false);
            }
            watched.SetSynced(channel);
            gate.SetSynced(channel);
        }
        catch (ConnectionLostException)
        {
            // The next connection syncs anew.
        }
        catch (PresenceException e)
        {
            gate.SyncFailed(channel, e);
        }
    }

    private static uint? Limit(RequestChannel? channel) => channel?.Limits is { Watches: > 0 } limits ? limits.Watches : null;

    private static ClientFrame UnwatchFrame(ulong requestId, ulong[] userIds) =>
        new() { Unwatch = new Unwatch { RequestId = requestId, UserIds = { userIds } } };

    /// <summary>Asks for all of them. If the connection is lost on the way, returns when it is no longer the present one.</summary>
    private async Task TryWatchAllAsync(RequestChannel channel, IReadOnlyCollection<ulong> userIds, CancellationToken cancellation)
    {
        try
        {
            foreach (ulong[] part in userIds.Chunk(channel.IdsPerWatch))
            {
                await WatchOnceAsync(channel, part, cancellation).ConfigureAwait(false);
            }
        }
        catch (ConnectionLostException)
        {
            await channel.Ended.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task WatchPatientlyAsync(RequestChannel channel, ulong[] userIds, BackOff backOff)
    {
        while (true)
        {
            try
            {
                await WatchOnceAsync(channel, userIds, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (PresenceException e) when (e.Code is ErrorCode.Unavailable or ErrorCode.Overloaded)
            {
                TimeSpan wait = e.RetryAfter ?? backOff.Next(channel.Interval);
                await Task.WhenAny(Task.Delay(wait, time), channel.Ended).ConfigureAwait(false);
            }
        }
    }

    private Task<ulong> WatchOnceAsync(RequestChannel channel, ulong[] userIds, CancellationToken cancellation) =>
        channel.AskAsync(id => WatchFrame(id, userIds), null, cancellation);

    private ClientFrame WatchFrame(ulong requestId, ulong[] userIds)
    {
        Watch watch = watched.WatchRequest(userIds);
        watch.RequestId = requestId;
        return new ClientFrame { Watch = watch };
    }
}
