using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage.Shared;
using Presence.TestKit;
using StackExchange.Redis;

namespace Presence.Server.Tests.Storage.Shared;

/// <summary>A Redis, and all that a node has of it, under a prefix of the test's.</summary>
internal sealed class SharedRedis : IAsyncDisposable
{
    private readonly bool _ownsProcess;

    private SharedRedis(RedisProcess process, IConnectionMultiplexer connection, SharedStoreOptions options, bool ownsProcess)
    {
        (Process, Connection, Options, _ownsProcess) = (process, connection, options, ownsProcess);
        Keys = new SharedKeys($"{Guid.NewGuid():N}:");
        Link = new RedisLink(connection, TimeProvider.System, NullLogger<RedisLink>.Instance);
        Records = new SharedRecords(Link, Keys, Counts, options, Time);
    }

    public RedisProcess Process { get; }

    public IConnectionMultiplexer Connection { get; }

    public SharedStoreOptions Options { get; }

    public SharedKeys Keys { get; }

    public RedisLink Link { get; }

    public SharedRecords Records { get; }

    public SharedCounts Counts { get; } = new();

    /// <summary>By which records expire; begins when the versions do, however late in the run.</summary>
    public SetWallClock Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(ShippingNode.Left(1, 0).LastActiveMs));

    public IDatabase Database => Connection.GetDatabase();

    public static async Task<SharedRedis> StartAsync(params string[] arguments) => await OfAsync(await RedisProcess.StartAsync(arguments), ownsProcess: true);

    /// <summary>Whatever the Sentinel says is the primary.</summary>
    public static async Task<SharedRedis> WatchedByAsync(RedisProcess sentinel, string name)
    {
        var configuration = new ConfigurationOptions { EndPoints = { sentinel.Address }, ServiceName = name, AbortOnConnectFail = false, AllowAdmin = true };
        return new SharedRedis(sentinel, await ConnectionMultiplexer.ConnectAsync(configuration), new(), ownsProcess: false);
    }

    public static async Task<SharedRedis> OfAsync(RedisProcess process, bool ownsProcess = false, SharedStoreOptions? options = null, bool isAdmin = true)
    {
        var configuration = new ConfigurationOptions { EndPoints = { process.Address }, AbortOnConnectFail = false, ConnectTimeout = 1_000, AsyncTimeout = 5_000 };
        configuration.ReconnectRetryPolicy = new LinearRetry(100);
        configuration.AllowAdmin = isAdmin;
        return new SharedRedis(process, await ConnectionMultiplexer.ConnectAsync(configuration), options ?? new(), ownsProcess);
    }

    public ShipTarget Target(string node) => new(node, Link, Keys, Records, Options, TimeProvider.System);

    public async Task<UserRecord> ReadAsync(ulong user) => (await Records.ReadAsync([user], TimeSpan.FromSeconds(10)))[0];

    /// <summary>User and version of each change in the stream, in its order; the node of a gap instead.</summary>
    public async Task<string[]> ChangesAsync() =>
    [
        .. (await Database.StreamRangeAsync(Keys.Changes)).Select(static entry =>
            entry["g"].IsNull ? string.Create(CultureInfo.InvariantCulture, $"{entry["u"]} {entry["v"]}") : $"gap {entry["g"]}"),
    ];

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        if (_ownsProcess)
        {
            await Process.DisposeAsync();
        }
    }
}
