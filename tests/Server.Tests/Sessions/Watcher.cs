using System.Collections.Concurrent;
using System.Threading.Channels;
using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Server.Tests.Sessions;

/// <summary>Watches users and keeps every entry it is told, in order; stays alive by itself.</summary>
internal sealed class Watcher
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly RawClient _client;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Channel<PresenceEntry> _news = Channel.CreateUnbounded<PresenceEntry>();
    private readonly ConcurrentQueue<PresenceEntry> _all = new();
    private readonly TaskCompletionSource _snapshot = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _ack;

    private Watcher(RawClient client) => _client = client;

    /// <summary>Everything told so far, snapshots included.</summary>
    public IReadOnlyList<PresenceEntry> All => [.. _all];

    public static async Task<Watcher> StartAsync(RawClient client, ulong[] users)
    {
        var watcher = new Watcher(client);
        var watch = new Watch { RequestId = 1 };
        watch.UserIds.Add(users);
        await client.SendAsync(new ClientFrame { Watch = watch });
        _ = watcher.ReceiveAsync();
        _ = watcher.BeatAsync();
        await watcher._snapshot.Task.WaitAsync(s_patience);
        return watcher;
    }

    /// <summary>The highest version told of a user.</summary>
    public PresenceEntry Latest(ulong user) => _all.Where(entry => entry.UserId == user).MaxBy(entry => entry.Version)!;

    /// <summary>The next update that fits; earlier ones are passed over.</summary>
    public async Task<PresenceEntry> NextAsync(ulong user, Func<PresenceEntry, bool> match)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await foreach (PresenceEntry entry in _news.Reader.ReadAllAsync(patience.Token))
            {
                if (entry.UserId == user && match(entry))
                {
                    return entry;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{user} was not seen to change within {s_patience}. {Told(user)}", e);
        }

        throw new InvalidOperationException($"The watcher's connection ended before {user} was seen to change. {Told(user)}");
    }

    private string Told(ulong user) => $"Told so far: {string.Join(' ', _all.Where(entry => entry.UserId == user))}.";

    /// <summary>The present state once it is this; whatever was told before counts.</summary>
    public async Task<PresenceEntry> HasAsync(ulong user, Status status) =>
        Latest(user) is { } now && now.Status == status ? now : await NextAsync(user, entry => entry.Status == status && Latest(user).Status == status);

    public Task<PresenceEntry> OfflineAsync(ulong user) => NextAsync(user, entry => entry.Status == Status.Offline);

    public Task<PresenceEntry> OnlineAsync(ulong user) => NextAsync(user, entry => entry.Status == Status.Online);

    /// <summary>All that the server had for us up to now has come.</summary>
    public async Task SyncAsync()
    {
        // Twice: the first answer may have been written before a batch of another shard came in.
        for (int i = 0; i < 2; i++)
        {
            var ack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ack = ack;
            await SendAsync(HeartbeatFlags.WantAck);
            await ack.Task.WaitAsync(s_patience);
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _client.TryReceiveAsync(CancellationToken.None) is { } frame)
            {
                Take(frame);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }

        _news.Writer.TryComplete();
    }

    private void Take(ServerFrame frame)
    {
        if (frame.FrameCase == ServerFrame.FrameOneofCase.HeartbeatAck)
        {
            Interlocked.Exchange(ref _ack, null)?.TrySetResult();
        }
        else if (frame.FrameCase == ServerFrame.FrameOneofCase.PresenceBatch)
        {
            foreach (PresenceEntry entry in frame.PresenceBatch.Entries)
            {
                _all.Enqueue(entry);
                if (!frame.PresenceBatch.Snapshot)
                {
                    _news.Writer.TryWrite(entry);
                }
            }

            if (frame.PresenceBatch.Snapshot)
            {
                _snapshot.TrySetResult();
            }
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Scene.Interval / 4);
        try
        {
            while (await timer.WaitForNextTickAsync())
            {
                await SendAsync(HeartbeatFlags.None);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task SendAsync(HeartbeatFlags flags)
    {
        await _writing.WaitAsync();
        try
        {
            await _client.HeartbeatAsync(flags);
        }
        finally
        {
            _writing.Release();
        }
    }
}
