using Google.Protobuf;
using Grpc.Core;
using Presence.Admin.V1;
using Presence.Protocol;
using Presence.Server.Admin;

namespace Presence.Server.Cluster;

/// <summary>The members as an operator's question sees them.</summary>
internal sealed class NodeDirectory(ViewFollower follower, PeerTransport transport, Ownership ownership) : INodeDirectory
{
    public IReadOnlyList<string> NodeIds => [.. InOrder().Select(static member => member.Name.NodeId)];

    public IReadOnlyList<NodeSummary> Members => [.. InOrder().Select(static member => new NodeSummary
    {
        NodeId = member.Name.NodeId,
        Ordinal = (uint)member.Ordinal,
        PeerAddress = member.Silo.Endpoint.ToString(),
        IsActive = member.IsActive,
    })];

    public GetRingResponse? Ring
    {
        get
        {
            if (follower is not { Ring: { } ring, View: { } view })
            {
                return null;
            }

            int[] shares = ring.Shares();
            var response = new GetRingResponse { Version = view.Version, Slices = Presence.Engine.Ring.Slices };
            for (int i = 0; i < shares.Length; i++)
            {
                Member? member = view.Members.Values.FirstOrDefault(one => one.Name.NodeId == ring.Members[i]);
                response.Members.Add(new RingMember { NodeId = ring.Members[i], Ordinal = (uint)(member?.Ordinal ?? 0), Slices = (uint)shares[i] });
            }

            return response;
        }
    }

    public string? HomeOf(ulong userId) => UserId.IsValid(userId) && !ownership.IsHome(userId) && follower.Ring is { } ring ? ring.Members[ring.OwnerOf(userId)] : null;

    public async Task<TResponse> AskAsync<TResponse>(string nodeId, string method, IMessage request, CancellationToken cancelled)
        where TResponse : class
    {
        Member? member = InOrder().FirstOrDefault(one => one.Name.NodeId == nodeId);
        IPeerService peer = (member is null ? null : transport.At(member.Ordinal)) ?? throw Unavailable(nodeId, "it is not reached at present");
        AdminReply reply;
        try
        {
            reply = await peer.AskAsync(method, new(request.ToByteArray())).WaitAsync(cancelled);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Unavailable(nodeId, e.Message.Split('\n')[0]);
        }

        if (reply.Status != 0)
        {
            throw new RpcException(new Status((StatusCode)reply.Status, reply.Detail));
        }

        var response = Activator.CreateInstance<TResponse>();
        ((IMessage)(object)response).MergeFrom(reply.Response);
        return response;
    }

    private IEnumerable<Member> InOrder() => follower.View?.Members.Values.OrderBy(static member => member.Name.NodeId, StringComparer.Ordinal) ?? Enumerable.Empty<Member>();

    private static RpcException Unavailable(string nodeId, string why) => new(new Status(StatusCode.Unavailable, $"Node {nodeId} does not answer: {why}."));
}
