using Presence.Engine;
using Presence.Server.Hosting;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>Readings for each value of an attribute.</summary>
internal static class Attributes
{
    /// <summary>For each shard.</summary>
    public static IEnumerable<Reading<T>> Each<T>(ShardSet shards, Func<ShardHost, T> read, params KeyValuePair<string, object?>[] others) =>
        shards.All.Select(shard => new Reading<T>(() => read(shard), [new("shard", shard.Number), .. others]));

    /// <summary>For each value of an enumeration.</summary>
    public static IEnumerable<Reading<long>> Each<T>(string attribute, Func<T, long> read)
        where T : struct, Enum => Enum.GetValues<T>().Select(value => Of(attribute, NodeMeter.NameOf(value), () => read(value)));

    public static Reading<long> Of(string attribute, string value, Func<long> read) => new(read, new KeyValuePair<string, object?>(attribute, value));

    /// <summary>Over all shards.</summary>
    public static long Sum(this ShardSet shards, Func<ShardCounters, long> read)
    {
        long sum = 0;
        foreach (ShardHost shard in shards.All)
        {
            sum += read(shard.Counters);
        }

        return sum;
    }
}
