using Presence.Client.Connections;
using Presence.V1;

namespace Presence.Client.Session;

/// <summary>
/// What outlives a connection: the watched users and their views, the desired status, the credentials. A connection comes
/// (<see cref="Up"/>), brings frames (<see cref="Receive"/>) and goes (<see cref="Down"/>), one at a time.
/// </summary>
internal sealed class ClientSession
{
    private readonly PresenceClientOptions _options;
    private readonly Action<PresenceChange> _changed;
    private readonly Watcher _watcher;
    private RequestChannel? _channel;
    private StatusSender? _statusSender;

    /// <param name="options">Validated.</param>
    /// <param name="changed">Told of every change, in order, on the receiving thread.</param>
    public ClientSession(PresenceClientOptions options, Action<PresenceChange> changed)
    {
        (_options, _changed) = (options, changed);
        Status = new DesiredStatus(options.InitialStatus);
        Credentials = new Credentials(options.TokenProvider);
        _watcher = new Watcher(Watched, Gate, options.TimeProvider);
    }

    public WatchedUsers Watched { get; } = new();

    public DesiredStatus Status { get; }

    public Credentials Credentials { get; }

    public ConnectionGate Gate { get; } = new();

    /// <summary>A connection is live: everything that is watched is asked for on it, and an unacknowledged status sent.</summary>
    public void Up(Connection connection, Random random)
    {
        Credentials.Welcomed(connection.Welcome.ResumeToken);
        RequestChannel channel = new(connection, _options.MaxPendingRequests);
        StatusSender sender = new(channel, Status);
        (_channel, _statusSender) = (channel, sender);
        ulong[] watched = Gate.Open(channel, Watched.UserIds);
        _ = sender.SendAsync();
        _ = _watcher.SyncAsync(channel, watched, new BackOff(random));
    }

    public void Down()
    {
        (_channel, _statusSender) = (null, null);
        Watched.SetSynced(null);
        Gate.Shut();
    }

    /// <summary>No connection comes any more: whoever waits is told why.</summary>
    public void Close(PresenceClosedException why)
    {
        Gate.Close(why);
        Status.Abandon(why);
        Credentials.Forget();
    }

    public void Receive(ServerFrame frame)
    {
        if (frame.FrameCase == ServerFrame.FrameOneofCase.TokenExpiring)
        {
            _ = RefreshTokenAsync(_channel!);
            return;
        }
        if (frame.FrameCase == ServerFrame.FrameOneofCase.PresenceBatch)
        {
            Apply(frame.PresenceBatch);
        }
        // After the views: whoever waits for the answer finds them there.
        _channel!.Receive(frame);
    }

    public async Task<ulong> SetStatusAsync(Status status, string text, CancellationToken cancellation)
    {
        Task<ulong> done = Status.Want(status, text);
        _ = _statusSender?.SendAsync();
        if (Gate.Closed is { } closed)
        {
            Status.Abandon(closed);
        }
        return await done.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public Task WatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation) =>
        _watcher.WatchAsync(userIds, cancellation);

    public Task UnwatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation) =>
        _watcher.UnwatchAsync(userIds, cancellation);

    /// <summary>Waits for a connection if there is none, and asks again if it is lost on the way.</summary>
    public async Task<List<PresenceEntry>> QueryAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation)
    {
        while (true)
        {
            RequestChannel channel = await Gate.Connected.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return await QueryOnceAsync(channel, userIds, cancellation).ConfigureAwait(false);
            }
            catch (ConnectionLostException)
            {
                await channel.Ended.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task<List<PresenceEntry>> QueryOnceAsync(
        RequestChannel channel, IReadOnlyCollection<ulong> userIds, CancellationToken cancellation)
    {
        List<PresenceEntry> entries = new(userIds.Count);
        foreach (ulong[] part in userIds.Chunk(channel.IdsPerQuery))
        {
            ClientFrame Frame(ulong id) => new() { Query = new Query { RequestId = id, UserIds = { part } } };
            await channel.AskAsync(Frame, entries, cancellation).ConfigureAwait(false);
        }
        return entries;
    }

    private void Apply(PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            if (Watched.Apply(entry) is { } change)
            {
                _changed(change);
            }
        }
    }

    private async Task RefreshTokenAsync(RequestChannel channel)
    {
        // Whatever comes of it, the resume token ends with the token it was made for.
        Credentials.Outdate();
        try
        {
            string token = await Credentials.ProvideAsync(CancellationToken.None).ConfigureAwait(false);
            await channel.AskAsync(
                id => new ClientFrame { RefreshToken = new RefreshToken { RequestId = id, Token = token } }, null, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The provider may throw anything. Without a new token the server closes with TOKEN_EXPIRED, and the next Hello asks again
            // and reports what went wrong.
        }
    }
}
