using Grpc.Core;
using Presence.Admin.V1;
using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>What each node holds and does, in a line.</summary>
internal sealed class NodeSummaries(NodeInfo node, ShardSet shards, ShardRates rates, INodeDirectory nodes, PresenceConfiguration configuration)
{
    /// <summary>By which nodes ask each other, beside the methods of the service.</summary>
    public const string Method = nameof(NodeSummary);

    // A node that does not answer at once is shown without its figures.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private string Own => configuration.Cluster.NodeId;

    public async Task<NodeSummary[]> AllAsync(CancellationToken cancelled)
    {
        if (nodes.Members is [])
        {
            return [Fill(new NodeSummary { NodeId = Own, IsActive = true })];
        }

        return await Task.WhenAll(nodes.Members.Select(member => member.NodeId == Own ? Task.FromResult(Fill(member)) : AskAsync(member, cancelled)));
    }

    private async Task<NodeSummary> AskAsync(NodeSummary member, CancellationToken cancelled)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        patience.CancelAfter(s_patience);
        try
        {
            NodeSummary itself = await nodes.AskAsync<NodeSummary>(member.NodeId, Method, new ListNodesRequest(), patience.Token);
            itself.MergeFrom(member);
            return itself;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            member.Problem = e is RpcException refused ? refused.Status.Detail : $"It did not answer within {s_patience.TotalSeconds:0} s.";
            return member;
        }
    }

    /// <summary>Of this node alone, what it knows of itself.</summary>
    public NodeSummary Itself() => Fill(new NodeSummary());

    private NodeSummary Fill(NodeSummary summary)
    {
        GetNodeResponse process = node.Read();
        summary.Version = process.Version;
        summary.UptimeMs = process.UptimeMs;
        summary.RssBytes = process.RssBytes;
        summary.CpuTimeMs = process.CpuTimeMs;
        foreach (ShardHost shard in shards.All)
        {
            ShardRate rate = rates.Of(shard);
            summary.IsWarming |= shard.Counters.Levels.IsWarming;
            summary.Connections += (uint)shard.Counters.Connections;
            summary.Sessions += (ulong)shard.Counters.Levels.Sessions;
            summary.Users += (ulong)shard.Counters.Levels.Users;
            summary.HeartbeatsPerSecond += rate.Heartbeats;
            summary.TransitionsPerSecond += rate.Transitions;
            summary.DeliveriesPerSecond += rate.Deliveries;
            summary.LoopLagMaxUs = Math.Max(summary.LoopLagMaxUs, (ulong)rate.LongestLag.TotalMicroseconds);
        }

        return summary;
    }
}
