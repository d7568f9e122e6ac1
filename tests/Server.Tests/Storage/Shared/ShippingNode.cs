using Microsoft.Extensions.Logging;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.Server.Storage.Shared;
using Presence.Server.Tests.Storage.Journal;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A node's journal, store and shipper on the real disk; its directory is one of some <see cref="JournaledStores"/>.</summary>
internal sealed class ShippingNode : IAsyncDisposable
{
    private static readonly ulong s_base = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16;

    private readonly IJournalLane _lane;

    private ShippingNode(SharedRedis redis, JournaledStores stores, string directory, string id)
    {
        (Journal, Store) = stores.Open(directory);
        Shipper = new JournalShipper(Journal, Store, redis.Target(id), Path.Combine(stores[directory], "shipped"), redis.Options.Shards, Counts, TimeProvider.System, Log);
        _lane = Journal.Open(0);
    }

    public DiskJournal Journal { get; }

    public LastActiveStore Store { get; }

    public SharedCounts Counts { get; } = new();

    public HeardLog<JournalShipper> Log { get; } = new();

    public JournalShipper Shipper { get; }

    /// <summary>A version of now; the higher the number the newer.</summary>
    public static ulong Version(int number) => s_base + ((ulong)number << 16);

    /// <summary>A record whose user left when its version was given.</summary>
    public static UserRecord Left(ulong user, int number)
    {
        long ms = VersionClock.MsOf(Version(number));
        return new UserRecord(user, Version(number), ms, ms, StoreFixture.Offline, 0);
    }

    public static async Task<ShippingNode> StartAsync(SharedRedis redis, JournaledStores stores, string directory = "a", string id = "a")
    {
        var node = new ShippingNode(redis, stores, directory, id);
        await node.Shipper.StartAsync(CancellationToken.None);
        return node;
    }

    /// <summary>Changes that others are told of, durable when this returns.</summary>
    public Task PutAsync(params UserRecord[] records) => PutAsync(records, isVisible: true);

    public async Task PutAsync(UserRecord[] records, bool isVisible)
    {
        foreach (UserRecord record in records)
        {
            Store.Write(record);
            _lane.Append(new JournalEntry(record, TransitionCause.Goodbye, isVisible, Text: null));
        }

        if (!await JournaledStores.CommitAsync(_lane))
        {
            throw new IOException("The journal did not take it.");
        }
    }

    /// <summary>The shard says that all it has decided up to then is in front of this in its journal.</summary>
    public async Task StateAsync(long wallMs)
    {
        _lane.AppendWatermark(wallMs, clock: 1);
        if (!await JournaledStores.CommitAsync(_lane))
        {
            throw new IOException("The journal did not take it.");
        }
    }

    /// <summary>Returns when all that was put is in Redis, however long that is away.</summary>
    public async Task ShippedAsync()
    {
        while (!await Shipper.ShippedAsync())
        {
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Shipper.StopAsync(CancellationToken.None);
        Shipper.Dispose();
    }
}

/// <summary>Ids of what was logged.</summary>
internal sealed class HeardLog<T> : ILogger<T>
{
    private readonly Lock _gate = new();
    private readonly List<int> _events = [];

    public int[] Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _events.Add(eventId.Id);
        }
    }
}
