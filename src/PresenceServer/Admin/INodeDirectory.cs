using Google.Protobuf;
using Presence.Admin.V1;

namespace Presence.Server.Admin;

/// <summary>The nodes of the cluster as an operator's question sees them.</summary>
internal interface INodeDirectory
{
    /// <summary>Of all nodes, this one too; empty when it is alone.</summary>
    IReadOnlyList<string> NodeIds { get; }

    /// <summary>What the membership says of each.</summary>
    IReadOnlyList<NodeSummary> Members { get; }

    /// <summary>Null: the node is alone.</summary>
    GetRingResponse? Ring { get; }

    /// <summary>The home of a user; null: it is this node's, or nobody's that is known.</summary>
    string? HomeOf(ulong userId);

    /// <summary>Has another node answer.</summary>
    /// <param name="nodeId">One of <see cref="NodeIds"/>.</param>
    /// <param name="method">Its full name.</param>
    /// <exception cref="Grpc.Core.RpcException">It answers so, or not at all.</exception>
    Task<TResponse> AskAsync<TResponse>(string nodeId, string method, IMessage request, CancellationToken cancelled)
        where TResponse : class;
}

/// <summary>Of a node that is alone.</summary>
internal sealed class NoOtherNodes : INodeDirectory
{
    public IReadOnlyList<string> NodeIds => [];

    public IReadOnlyList<NodeSummary> Members => [];

    public GetRingResponse? Ring => null;

    public string? HomeOf(ulong userId) => null;

    public Task<TResponse> AskAsync<TResponse>(string nodeId, string method, IMessage request, CancellationToken cancelled)
        where TResponse : class => throw new NotSupportedException("There is no other node.");
}
