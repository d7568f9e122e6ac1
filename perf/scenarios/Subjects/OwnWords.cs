using Presence.Admin.V1;
using Presence.Ctl;

namespace Presence.Scenarios.Subjects;

/// <summary>What a server says of its memory, in bytes.</summary>
/// <param name="Tables">Of users and watches, over all shards; parts that were never used are not resident.</param>
/// <param name="ManagedHeap">What the managed heap had taken from the system at its last collection.</param>
internal readonly record struct OwnWords(long Tables, long ManagedHeap)
{
    public static OwnWords Of(Subject server)
    {
        using var admin = new AdminConnection($"{server.Admin}", LocalCredentials.AdminToken(server.DataDirectory!));
        ListShardsResponse response = admin.Service.ListShards(new ListShardsRequest(), admin.Question(CancellationToken.None));
        GetNodeResponse node = admin.Service.GetNode(new GetNodeRequest(), admin.Question(CancellationToken.None));
        return new(response.Shards.Sum(static shard => (long)shard.MemoryBytes), (long)node.ManagedCommittedBytes);
    }

    public static OwnWords operator -(OwnWords a, OwnWords b) => new(a.Tables - b.Tables, a.ManagedHeap - b.ManagedHeap);
}
