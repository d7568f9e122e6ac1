using System.Globalization;
using Presence.Server.Storage.Shared;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>
/// What the members agree on through Redis beside their membership: which cluster it is, the number of each node, and what each may call its next incarnation. Small, and held by every living member too, so that a Redis that has lost it gets it back.
/// </summary>
/// <remarks>Keys, below the prefix: <c>cluster</c> (seed, epoch, members expected), <c>ordinals</c> (node → number), <c>ordinals:taken</c> (number → node), <c>incarnations</c> (node → the last), <c>addresses</c> (node → where it was last) <c>addresses:at</c> (the other way), <c>resume</c> (the secrets of resume tokens).</remarks>
internal sealed class Registry(IDatabase redis)
{
    /// <summary>Of all keys of the server.</summary>
    public const string Prefix = "presence:";

    // In no configured name.
    private const char Separator = '\n';

    private const string Cluster = Prefix + "cluster";
    private const string Ordinals = Prefix + "ordinals";
    private const string Taken = Prefix + "ordinals:taken";
    private const string Incarnations = Prefix + "incarnations";
    private const string Addresses = Prefix + "addresses";
    private const string At = Prefix + "addresses:at";
    private const string Resume = Prefix + "resume";

    // A founding gives way to a later one only, and never to one of another seed.
    private const string Found = """
        local seed = redis.call('HGET', KEYS[1], 'seed')
        if not seed or (seed == ARGV[1] and tonumber(redis.call('HGET', KEYS[1], 'epoch')) < tonumber(ARGV[2])) then
            redis.call('HSET', KEYS[1], 'seed', ARGV[1], 'epoch', ARGV[2], 'expected', ARGV[3])
        end
        return redis.call('HMGET', KEYS[1], 'seed', 'epoch', 'expected')
        """;

    private const string Replace = """
        if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
        return redis.call('GET', KEYS[1])
        """;

    private const string Number = """
        local number = redis.call('HGET', KEYS[1], ARGV[1])
        if number then return number end
        number = 0
        while redis.call('HEXISTS', KEYS[2], number) == 1 do number = number + 1 end
        redis.call('HSET', KEYS[1], ARGV[1], number)
        redis.call('HSET', KEYS[2], number, ARGV[1])
        return tostring(number)
        """;

    private const string Incarnate = """
        local last = redis.call('HGET', KEYS[1], ARGV[1])
        local next = ARGV[2]
        if last and tonumber(last) >= tonumber(next) then next = string.format('%.0f', tonumber(last) + 1) end
        redis.call('HSET', KEYS[1], ARGV[1], next)
        return next
        """;

    /// <summary>The cluster of this Redis; null when there is none.</summary>
    /// <exception cref="RedisException">It does not answer.</exception>
    public async Task<ClusterIdentity?> FindAsync()
    {
        RedisValue[] found = await redis.HashGetAsync(Cluster, ["seed", "epoch", "expected"], RedisLink.FromPrimary);
        return found[0].IsNull ? null : Read(found);
    }

    /// <summary>Founds a cluster, or founds it again.</summary>
    /// <returns>What is founded now, which may be by another.</returns>
    public async Task<ClusterIdentity> FoundAsync(ClusterIdentity identity)
    {
        RedisResult found = await redis.ScriptEvaluateAsync(Found, [Cluster], [Hex(identity.Seed), identity.Epoch, string.Join(Separator, identity.Expected)]);
        return Read((RedisValue[])found!);
    }

    /// <summary>By how much the clock of this machine is ahead of Redis's, the time of the question taken off; negative: behind.</summary>
    public async Task<TimeSpan> AheadByAsync(TimeProvider time)
    {
        var answer = (RedisValue[])(await redis.ExecuteAsync("TIME"))!;
        // What the answer took makes us seem later than we are.
        DateTimeOffset asked = time.GetUtcNow();
        return asked - DateTimeOffset.FromUnixTimeSeconds((long)answer[0]).AddMicroseconds((long)answer[1]);
    }

    /// <summary>The number of a node: the one it has always had, or the lowest that is free.</summary>
    public async Task<int> OrdinalOfAsync(string nodeId) =>
        int.Parse((string)(await redis.ScriptEvaluateAsync(Number, [Ordinals, Taken], [nodeId]))!, CultureInfo.InvariantCulture);

    /// <summary>The secrets of resume tokens; null: there are none yet.</summary>
    public async Task<string?> ResumeSecretsAsync() => await redis.StringGetAsync(Resume, RedisLink.FromPrimary);

    /// <summary>Puts others in their place, unless somebody else has.</summary>
    /// <returns>What is there now.</returns>
    public async Task<string> ReplaceResumeSecretsAsync(string? before, string now) =>
        (string)(await redis.ScriptEvaluateAsync(Replace, [Resume], [before ?? "", now]))!;

    /// <summary>Where a node of that name was last, when no other is there since; null: nowhere.</summary>
    public async Task<string?> AddressOfAsync(string nodeId)
    {
        RedisValue address = await redis.HashGetAsync(Addresses, nodeId, RedisLink.FromPrimary);
        return !address.IsNull && await redis.HashGetAsync(At, address, RedisLink.FromPrimary) == nodeId ? address.ToString() : null;
    }

    /// <summary>A node is there from now on.</summary>
    public async Task SetAddressAsync(string nodeId, string address)
    {
        await redis.HashSetAsync(Addresses, nodeId, address);
        await redis.HashSetAsync(At, address, nodeId);
    }

    /// <summary>Says which numbers nodes have, should it have been forgotten.</summary>
    public async Task RememberAsync(IEnumerable<MemberName> members)
    {
        foreach (MemberName member in members)
        {
            await redis.HashSetAsync(Ordinals, member.NodeId, member.Ordinal);
            await redis.HashSetAsync(Taken, member.Ordinal, member.NodeId);
        }
    }

    /// <summary>A number above all that the node's memberships have had.</summary>
    /// <param name="least">Of this moment, should the last be forgotten.</param>
    public async Task<ulong> IncarnateAsync(string nodeId, ulong least) =>
        ulong.Parse((string)(await redis.ScriptEvaluateAsync(Incarnate, [Incarnations], [nodeId, least.ToString(CultureInfo.InvariantCulture)]))!, CultureInfo.InvariantCulture);

    private static string Hex(ulong seed) => seed.ToString("x16", CultureInfo.InvariantCulture);

    private static ClusterIdentity Read(RedisValue[] found) => new(
        ulong.Parse(found[0].ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), long.Parse(found[1].ToString(), CultureInfo.InvariantCulture))
    {
        Expected = found[2].ToString().Split(Separator, StringSplitOptions.RemoveEmptyEntries),
    };
}
