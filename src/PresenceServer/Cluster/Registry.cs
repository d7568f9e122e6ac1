using System.Globalization;
using System.Net;
using Presence.Server.Storage.Shared;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>
/// What the members agree on through Redis beside their membership: which cluster it is, the number of each node, and which process it is. Small, and held by every living member too, so that a Redis that has lost it gets it back.
/// </summary>
/// <remarks>Keys, below the prefix: <c>cluster</c> (seed, epoch, members expected, whether there were ever three), <c>ordinals</c> (node → number), <c>ordinals:taken</c> (number → node), <c>claims</c> (node → <see cref="Claim"/>), <c>addresses:at</c> (address → the node that was there last), <c>resume</c> (the secrets of resume tokens).</remarks>
internal sealed class Registry(IDatabase redis)
{
    /// <summary>Of all keys of the server.</summary>
    public const string Prefix = "presence:";

    // In no configured name.
    private const char Separator = '\n';

    private const string Cluster = Prefix + "cluster";
    private const string Grown = "grown";
    private const string Ordinals = Prefix + "ordinals";
    private const string Taken = Prefix + "ordinals:taken";
    private const string Claims = Prefix + "claims";
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

    // Stands back behind another process whose claim is later than its own last one (an older one is of a Redis that went back), if that is not gone, by its word or because another node is there by now.
    // Who has none yet and comes to the address of the claim has bound it: who was there is gone.
    private const string ClaimName = """
        local held = redis.call('HGET', KEYS[1], ARGV[1])
        local node, process, address, own, gone = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5]), ARGV[6]
        local incarnation = math.max(tonumber(ARGV[3]), own + 1)
        if held then
            local other, last, at = string.match(held, '(%S+) (%S+) (%S+)')
            local isBack = own == 0 and at == address
            if other ~= process and tonumber(last) > own and not isBack and held ~= gone and redis.call('HGET', KEYS[2], at) == node then
                return held
            end
            incarnation = math.max(incarnation, tonumber(last) + 1)
        end
        local claim = string.format('%s %.0f %s', process, incarnation, address)
        redis.call('HSET', KEYS[1], node, claim)
        redis.call('HSET', KEYS[2], address, node)
        return claim
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

    /// <summary>Whether so many were ever members at once that one may be missing.</summary>
    public Task<bool> HasGrownAsync() => redis.HashExistsAsync(Cluster, Grown, RedisLink.FromPrimary);

    /// <summary>Says that they were.</summary>
    public Task RememberGrownAsync() => redis.HashSetAsync(Cluster, Grown, 1);

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

    /// <summary>Claims a node's name for a process, unless another has it.</summary>
    /// <param name="wanted">With the least incarnation that it may get.</param>
    /// <param name="own">The last that the process had; null: it has had none.</param>
    /// <param name="gone">One that was found gone.</param>
    /// <returns>Who has it now.</returns>
    public async Task<Claim> ClaimAsync(string nodeId, Claim wanted, Claim? own, Claim? gone)
    {
        RedisValue[] arguments = [nodeId, Hex(wanted.Process), wanted.Incarnation, wanted.Address.ToString(), own?.Incarnation ?? 0, gone is null ? "" : Write(gone)];
        return ReadClaim((string)(await redis.ScriptEvaluateAsync(ClaimName, [Claims, At], arguments))!);
    }

    /// <summary>Which process is the node of that name; null: none that is known.</summary>
    public async Task<Claim?> ClaimOfAsync(string nodeId)
    {
        RedisValue claim = await redis.HashGetAsync(Claims, nodeId, RedisLink.FromPrimary);
        return claim.IsNull ? null : ReadClaim(claim.ToString());
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

    private static string Hex(ulong number) => number.ToString("x16", CultureInfo.InvariantCulture);

    private static string Write(Claim claim) => string.Create(CultureInfo.InvariantCulture, $"{Hex(claim.Process)} {claim.Incarnation} {claim.Address}");

    private static Claim ReadClaim(string text)
    {
        string[] parts = text.Split(' ');
        return new(
            ulong.Parse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture), IPEndPoint.Parse(parts[2]));
    }

    private static ClusterIdentity Read(RedisValue[] found) => new(
        ulong.Parse(found[0].ToString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), long.Parse(found[1].ToString(), CultureInfo.InvariantCulture))
    {
        Expected = found[2].ToString().Split(Separator, StringSplitOptions.RemoveEmptyEntries),
    };
}
