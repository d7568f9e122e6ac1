using System.Runtime.CompilerServices;
using Presence.Client.Session;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client;

/// <summary>
/// One device of one user: it keeps a session with a presence server, shows the user as online while it does, and follows the presence
/// of the users it watches. It reconnects by itself and misses nothing: after every reconnect it is told what changed meanwhile.
/// </summary>
/// <remarks>
/// Safe for many threads. Events are raised one at a time, in order, on the thread that receives: a handler must not block, and may call
/// any method but wait for none. An exception in a handler harms nothing and is reported by
/// <see cref="TaskScheduler.UnobservedTaskException"/>.
/// </remarks>
/// <example>
/// <code>
/// await using PresenceClient client = new(new PresenceClientOptions
/// {
///     Endpoints = [new Uri("presence://localhost:7001")],
///     TokenProvider = _ =&gt; ValueTask.FromResult(token),
///     DeviceId = "my-phone",
/// });
/// await client.ConnectAsync();
/// await client.WatchAsync([2, 3]);
/// await foreach (PresenceChange change in client.Changes())
/// {
///     Console.WriteLine($"{change.UserId} is {change.Current.Status}");
/// }
/// </code>
/// A whole program is in <c>samples/FriendsConsole</c>.
/// </example>
public sealed class PresenceClient : IAsyncDisposable
{
    private readonly PresenceClientOptions _options;
    private readonly Random _random;
    private readonly ClientSession _session;
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private Supervisor? _supervisor;
    private volatile ConnectionStateChange _state = new(ConnectionState.Disconnected);
    private int _active;

    /// <summary>Makes a client that is not connected yet.</summary>
    /// <exception cref="ArgumentException">An option cannot be used; the message says which and what was expected.</exception>
    public PresenceClient(PresenceClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _random = options.Random ?? new Random();
        _session = new ClientSession(options, change => Raise(PresenceChanged, change));
    }

    /// <summary>A watched user is shown otherwise than before.</summary>
    public event EventHandler<PresenceChange>? PresenceChanged;

    /// <summary>The connection came, went, waits or is closed for good.</summary>
    public event EventHandler<ConnectionStateChange>? ConnectionStateChanged;

    /// <summary>Where the client stands.</summary>
    public ConnectionState State => _state.State;

    /// <summary>Where the client stands, and why.</summary>
    public ConnectionStateChange LastStateChange => _state;

    /// <summary>
    /// Starts the client, if it is not started, and waits for the first connection. Failed tries are repeated in the background,
    /// also when the wait is cancelled; <see cref="DisconnectAsync"/> ends them.
    /// </summary>
    /// <exception cref="PresenceClosedException">The server said not to come back: a bad token, say.</exception>
    public async Task ConnectAsync(CancellationToken cancellation = default)
    {
        await InTurnAsync(Start, cancellation).ConfigureAwait(false);
        await _session.Gate.Connected.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Lets the connection go without a goodbye: the server shows the user as before for its hold time, in which
    /// <see cref="ConnectAsync"/> comes back unseen. Calls that need a connection wait for it.
    /// </summary>
    public Task DisconnectAsync() => InTurnAsync(() => EndAsync(supervisor => supervisor.StopAsync()), CancellationToken.None);

    /// <summary>
    /// Leaves on purpose: this device is gone for others at once. Without a connection there is nobody to say it to, and the server's
    /// hold time passes first.
    /// </summary>
    public Task GoodbyeAsync(CancellationToken cancellation = default) => InTurnAsync(
        async () =>
        {
            try
            {
                await EndAsync(supervisor => supervisor.LeaveAsync(cancellation)).ConfigureAwait(false);
            }
            finally
            {
                _session.Close(new PresenceClosedException(CloseCode.Unspecified, "The application said goodbye."));
            }
        },
        cancellation);

    /// <summary>
    /// Sets the user's status. Without a connection it waits for one, and only the latest status is sent. Cancelling ends the wait, not
    /// the wish.
    /// </summary>
    /// <param name="status">Online, Away, Busy, Offline, or Invisible: shown as offline until Online, Away or Busy is set, on any device.</param>
    /// <param name="statusText">At most 128 bytes of UTF-8.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The user's version from which this status, or a later one that replaced it, holds.</returns>
    /// <exception cref="PresenceException">The server refused.</exception>
    /// <exception cref="PresenceClosedException">No connection comes any more.</exception>
    public Task<ulong> SetStatusAsync(Status status, string statusText = "", CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statusText);
        if (status is not (Status.Online or Status.Away or Status.Busy or Status.Offline or Status.Invisible))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "Expected Online, Away, Busy, Offline or Invisible.");
        }
        return _session.SetStatusAsync(status, statusText, cancellation);
    }

    /// <summary>
    /// The user did something on this device; the next heartbeat says so. The server looks at it only with
    /// <see cref="PresenceClientOptions.ReportsActivity"/>.
    /// </summary>
    public void ReportActivity() => Volatile.Write(ref _active, 1);

    /// <summary>
    /// Follows these users from now on, over every reconnect, until <see cref="UnwatchAsync"/>. Returns when the server has answered for
    /// all of them: then <see cref="CurrentView"/> knows each. Users that are already watched do no harm.
    /// </summary>
    /// <param name="userIds">Any number up to the server's limit of watches; asked for in parts of 1,000.</param>
    /// <param name="cancellation">Ends the wait; the users stay watched.</param>
    /// <exception cref="ArgumentException">An id is not 1 … 2^63−1.</exception>
    /// <exception cref="PresenceException">The server refused (too many watches); none of the new users is watched.</exception>
    /// <exception cref="PresenceClosedException">No connection comes any more.</exception>
    public Task WatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation = default) =>
        _session.WatchAsync(Checked(userIds), cancellation);

    /// <summary>Follows these users no longer; nothing is raised for them once it returns.</summary>
    /// <exception cref="PresenceException">The server refused; the client ignores these users all the same.</exception>
    public Task UnwatchAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation = default) =>
        _session.UnwatchAsync(Checked(userIds), cancellation);

    /// <summary>Asks once, without watching. Waits for a connection if there is none.</summary>
    /// <param name="userIds">Any number; asked for in parts of 1,000.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>One view for each user, in the server's order.</returns>
    /// <exception cref="ArgumentException">An id is not 1 … 2^63−1.</exception>
    /// <exception cref="PresenceException">The server refused.</exception>
    /// <exception cref="PresenceClosedException">No connection comes any more.</exception>
    public async Task<IReadOnlyList<PresenceView>> QueryAsync(IReadOnlyCollection<ulong> userIds, CancellationToken cancellation = default)
    {
        List<PresenceEntry> entries = await _session.QueryAsync(Checked(userIds), cancellation).ConfigureAwait(false);
        return entries.ConvertAll(ViewMerge.View);
    }

    /// <summary>
    /// The last known state of a watched user; null when the user is not watched or the server has not answered yet.
    /// <see cref="PresenceView.IsStale"/> while disconnected, and until everything has been told again.
    /// </summary>
    public PresenceView? CurrentView(ulong userId) => _session.Watched.Find(userId);

    /// <summary>
    /// What is known now of each watched user, then every change as it comes, until cancelled or the client is disposed. A consumer that
    /// is slower than the changes gets the latest one of each user.
    /// </summary>
    public async IAsyncEnumerable<PresenceChange> Changes([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ChangeFeed feed = _session.Watched.Subscribe();
        try
        {
            while (await feed.TakeAsync(cancellation).ConfigureAwait(false) is { } change)
            {
                yield return change;
            }
        }
        finally
        {
            _session.Watched.Unsubscribe(feed);
        }
    }

    /// <summary>Says goodbye as <see cref="GoodbyeAsync"/> does; after <see cref="DisconnectAsync"/> there is nothing to say.</summary>
    public async ValueTask DisposeAsync()
    {
        await GoodbyeAsync().ConfigureAwait(false);
        _session.Watched.CompleteFeeds();
    }

    private static IReadOnlyCollection<ulong> Checked(IReadOnlyCollection<ulong> userIds)
    {
        ArgumentNullException.ThrowIfNull(userIds);
        foreach (ulong id in userIds)
        {
            if (!UserId.IsValid(id))
            {
                throw new ArgumentException($"User id {id} is not 1 … {UserId.Max}.", nameof(userIds));
            }
        }
        return userIds;
    }

    private Task Start()
    {
        if (_supervisor is { Running.IsCompleted: false })
        {
            return Task.CompletedTask;
        }
        _supervisor?.Dispose();
        _session.Gate.Reopen();
        _supervisor = new Supervisor(_options, _session, _random, () => Interlocked.Exchange(ref _active, 0) == 1, Report);
        return Task.CompletedTask;
    }

    private async Task EndAsync(Func<Supervisor, Task> end)
    {
        if (_supervisor is not { } supervisor)
        {
            return;
        }
        _supervisor = null;
        bool wasRunning = !supervisor.Running.IsCompleted;
        try
        {
            await end(supervisor).ConfigureAwait(false);
        }
        finally
        {
            supervisor.Dispose();
            if (wasRunning)
            {
                Report(new ConnectionStateChange(ConnectionState.Disconnected));
            }
        }
    }

    private async Task InTurnAsync(Func<Task> action, CancellationToken cancellation)
    {
        await _lifecycle.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private void Report(ConnectionStateChange change)
    {
        _state = change;
        Raise(ConnectionStateChanged, change);
    }

    private void Raise<T>(EventHandler<T>? handlers, T change)
    {
        try
        {
            handlers?.Invoke(this, change);
        }
        catch (Exception e)
        {
            // The application's fault must not end the connection. A faulted task that nobody observes is reported by the runtime.
            _ = Task.FromException(e);
        }
    }
}
