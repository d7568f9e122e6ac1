using System.Globalization;
using Presence.Engine;
using Presence.V1;
using StackExchange.Redis;

namespace Presence.Server.Storage.Shared;

/// <summary>The records of all users of the cluster, in Redis: <see cref="SharedKeys.BucketOf"/> says where, <see cref="SharedRecordFormat"/> how.</summary>
internal sealed class SharedRecords(RedisLink link, SharedKeys keys, SharedCounts counts, SharedStoreOptions options, TimeProvider time)
{
    // Users of a script: a millisecond or less of Redis, whom others ask too.
    private const int MostOfScript = 512;

    // Versions of an hour ahead are none of ours, whatever the clocks: a node over 5 s ahead does not become a member. The margin is for this node's own.
    private static readonly TimeSpan s_believed = TimeSpan.FromHours(1);

    // What is deleted of a hash that is larger than any of ours comes in parts.
    private const int MostOfScan = 512;

    // Hashes that are looked through in one go: with a hundred users in each some milliseconds of Redis.
    private const int BucketsOfLook = 64;

    private readonly RetentionRule _retention = new(options.Retention, time);

    /// <summary>The highest version that is believed.</summary>
    public ulong Ceiling => (ulong)(time.GetUtcNow() + s_believed).ToUnixTimeMilliseconds() << VersionShift;

    private static int VersionShift => 16;

    /// <summary>Asks for all of these users at once.</summary>
    /// <returns>In their order; version 0 where there is nothing, nothing within the retention, or nothing that one of us has written.</returns>
    /// <exception cref="RedisAwayException">No answer, or not in time.</exception>
    public async Task<UserRecord[]> ReadAsync(ulong[] users, TimeSpan patience)
    {
        ulong[][] parts = [.. users.Chunk(MostOfScript)];
        RedisResult[] answers = await link.AskAsync(database => Task.WhenAll(parts.Select(part => AskAsync(database, part))), patience);
        counts.Asked.Add(users.Length);
        long oldestMs = _retention.OldestMs;
        return [.. parts.Zip(answers).SelectMany(answer => ((RedisValue[])answer.Second!).Zip(answer.First, (value, user) => Read(user, value, oldestMs)))];
    }

    /// <summary>
    /// Looks through some of the hashes for who is recorded as there. Whoever was there all the time is found by the time all is looked through; a user may be found twice.
    /// </summary>
    /// <param name="from">0 at first, then <see cref="PresentSlice.Next"/>.</param>
    /// <param name="patience">How long the answer is waited for.</param>
    /// <exception cref="RedisAwayException">No answer, or not in time.</exception>
    public async Task<PresentSlice> PresentAsync(ulong from, TimeSpan patience)
    {
        RedisValue[] arguments = [from.ToString(CultureInfo.InvariantCulture), keys.BucketPattern, BucketsOfLook, (int)Status.Offline];
        RedisResult answer = await link.AskAsync(database => database.ScriptEvaluateAsync(SharedScripts.Present, [], arguments, RedisLink.FromPrimary), patience);
        ulong next = ulong.Parse((string)answer[0]!, CultureInfo.InvariantCulture);
        return new PresentSlice([.. Present((RedisValue[])answer[2]!)], next, (string?)answer[1] ?? "");
    }

    /// <summary>Deletes from a slice of the hashes what is past the retention, unless it has become something else meanwhile.</summary>
    /// <param name="buckets">Their numbers.</param>
    /// <param name="patience">How long each answer is waited for.</param>
    /// <exception cref="RedisAwayException">No answer, or not in time.</exception>
    public async Task SweepAsync(IReadOnlyCollection<int> buckets, TimeSpan patience)
    {
        List<(RedisKey Bucket, long From)> rest = [.. buckets.Select(number => (keys.Bucket(number), 0L))];
        while (rest.Count > 0)
        {
            RedisResult[] scanned = await link.AskAsync(database => Task.WhenAll(rest.Select(part => ScanAsync(database, part.Bucket, part.From))), patience);
            List<(RedisKey, RedisValue, RedisValue)> expired = [.. rest.Zip(scanned).SelectMany(part => Expired(part.First.Bucket, part.Second))];
            await RemoveAsync(expired, patience);
            rest = [.. rest.Zip(scanned, static (part, scan) => (part.Bucket, (long)scan[0])).Where(static part => part.Item2 != 0)];
        }
    }

    private Task<RedisResult> AskAsync(IDatabase database, ulong[] users) => database.ScriptEvaluateAsync(
        SharedScripts.Read, [.. users.Select(keys.BucketOf)], [.. users.Select(SharedKeys.FieldOf)], RedisLink.FromPrimary);

    private UserRecord Read(ulong userId, RedisValue value, long oldestMs)
    {
        var nothing = new UserRecord(userId, 0, -1, -1, 0, 0);
        if (value.IsNull)
        {
            return nothing;
        }

        if (!SharedRecordFormat.TryRead(userId, (byte[])value!, out UserRecord record) || record.Version > Ceiling)
        {
            counts.Poison.Add();
            return nothing;
        }

        return HasExpired(record, oldestMs) ? nothing : RetentionRule.WithinIt(record, oldestMs);
    }

    private IEnumerable<UserRecord> Present(RedisValue[] found)
    {
        for (int at = 0; at + 1 < found.Length; at += 2)
        {
            ulong userId = SharedKeys.UserOf((byte[])found[at]!);
            if (userId != 0 && SharedRecordFormat.TryRead(userId, (byte[])found[at + 1]!, out UserRecord record) && record.Version <= Ceiling)
            {
                yield return record;
            }
            else
            {
                counts.Poison.Add();
            }
        }
    }

    private static bool HasExpired(in UserRecord record, long oldestMs) =>
        RetentionRule.HasExpired(PackedRecord.Pack(record), record.TrueLastActiveMs, oldestMs);

    // A key that is none of ours is none to sweep.
    private static async Task<RedisResult> ScanAsync(IDatabase database, RedisKey bucket, long from)
    {
        try
        {
            return await database.ExecuteAsync("HSCAN", bucket, from, "COUNT", MostOfScan);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return RedisResult.Create([RedisResult.Create((RedisValue)0L), RedisResult.Create(Array.Empty<RedisResult>())]);
        }
    }

    private IEnumerable<(RedisKey Bucket, RedisValue Field, RedisValue Value)> Expired(RedisKey bucket, RedisResult scan)
    {
        RedisValue[] found = (RedisValue[])scan[1]!;
        long oldestMs = _retention.OldestMs;
        for (int at = 0; at + 1 < found.Length; at += 2)
        {
            ulong userId = SharedKeys.UserOf((byte[])found[at]!);
            // What none of us has written would stay for ever.
            if (userId == 0 || !SharedRecordFormat.TryRead(userId, (byte[])found[at + 1]!, out UserRecord record) || HasExpired(record, oldestMs))
            {
                yield return (bucket, found[at], found[at + 1]);
            }
        }
    }

    private async Task RemoveAsync(List<(RedisKey Bucket, RedisValue Field, RedisValue Value)> expired, TimeSpan patience)
    {
        foreach ((RedisKey Bucket, RedisValue Field, RedisValue Value)[] part in expired.Chunk(MostOfScript))
        {
            RedisKey[] buckets = [.. part.Select(static record => record.Bucket)];
            RedisValue[] seen = [.. part.SelectMany(static record => new[] { record.Field, record.Value })];
            counts.Swept.Add((long)await link.AskAsync(database => database.ScriptEvaluateAsync(SharedScripts.Remove, buckets, seen), patience));
        }
    }
}

/// <param name="Records">Of users who are recorded as there; what others were told of them.</param>
/// <param name="Next">Where to go on; 0: all is looked through.</param>
/// <param name="Process">Which process of Redis has answered: the next place is its own.</param>
internal sealed record PresentSlice(IReadOnlyList<UserRecord> Records, ulong Next, string Process);
