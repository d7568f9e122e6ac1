using Presence.Admin.V1;
using Presence.Ctl;

namespace Presence.Scenarios.Subjects;

/// <summary>What a server says of its own tables.</summary>
internal static class ShardTables
{
    /// <summary>Bytes of the tables of users and watches, over all shards; parts of them that were never used are not resident.</summary>
    public static long Bytes(Subject server)
    {
        using var admin = new AdminConnection($"{server.Admin}", LocalCredentials.AdminToken(server.DataDirectory!));
        ListShardsResponse response = admin.Service.ListShards(new ListShardsRequest(), admin.Question(CancellationToken.None));
        return response.Shards.Sum(static shard => (long)shard.MemoryBytes);
    }
}
