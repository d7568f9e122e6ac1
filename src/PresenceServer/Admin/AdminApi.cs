using Google.Protobuf.Collections;
using Grpc.Core;
using Presence.Admin.V1;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>The admin service: checks what is asked, asks the shards, and tells it in the words of admin.proto.</summary>
internal sealed class AdminApi(
    NodeInfo node,
    ShardSet shards,
    ShardQuestions questions,
    ShardRates rates,
    LinkInfos links,
    DeviceInfos devices,
    Explanations explanations,
    DrainStream drain,
    RevocationInfos revocations,
    NodeSummaries summaries,
    INodeDirectory nodes,
    PresenceConfiguration configuration)
    : AdminService.AdminServiceBase
{
    public override Task<GetNodeResponse> GetNode(GetNodeRequest request, ServerCallContext context) => Task.FromResult(node.Read());

    public override async Task<ListNodesResponse> ListNodes(ListNodesRequest request, ServerCallContext context) =>
        new() { Nodes = { await summaries.AllAsync(context.CancellationToken) } };

    public override Task<GetRingResponse> GetRing(GetRingRequest request, ServerCallContext context) =>
        Task.FromResult(nodes.Ring ?? throw Refuse(StatusCode.NotFound, "The node is alone: it is home of everybody. Presence:Cluster:Redis makes it a member of a cluster."));

    public override async Task<ListShardsResponse> ListShards(ListShardsRequest request, ServerCallContext context)
    {
        var response = new ListShardsResponse();
        foreach (ShardHost shard in shards.All)
        {
            ShardReport report = await ShardQuestions.Inspect(shard, context.CancellationToken);
            response.Shards.Add(ShardInfos.Of(shard, report, rates.Of(shard)));
        }

        return response;
    }

    public override Task<ListLinksResponse> ListLinks(ListLinksRequest request, ServerCallContext context) =>
        Task.FromResult(new ListLinksResponse { Links = { links.All() } });

    public override async Task<GetSessionResponse> GetSession(GetSessionRequest request, ServerCallContext context)
    {
        if (request.SessionId == 0)
        {
            throw Refuse(StatusCode.InvalidArgument, "session_id is 0; a session id is the session_id of a Welcome.");
        }

        foreach (ShardHost shard in shards.All)
        {
            SessionSearchResult found = await ShardQuestions.FindSession(shard, request.SessionId, context.CancellationToken);
            if (found.Device is { } device)
            {
                return new() { UserId = found.UserId, Shard = (uint)shard.Number, Device = devices.Of(device) };
            }
        }

        throw Refuse(StatusCode.NotFound, $"No device of this node has session {request.SessionId}: it has ended, or is on another node.");
    }

    public override async Task<GetUserResponse> GetUser(GetUserRequest request, ServerCallContext context)
    {
        CheckId(request.UserId);
        return await FindUserAsync(request.UserId, context.CancellationToken)
            ?? throw Refuse(StatusCode.NotFound, $"User {request.UserId} is not known: never seen, or past the retention.");
    }

    public override async Task<ExplainUserResponse> ExplainUser(ExplainUserRequest request, ServerCallContext context)
    {
        CheckId(request.UserId);
        CheckMost(request.Transitions, "transitions");
        CheckMost(request.Watchers, "watchers");
        ExplainUserResponse response = await explanations.OfAsync(request, context.CancellationToken);
        response.User = await FindUserAsync(request.UserId, context.CancellationToken);
        return response;
    }

    public override async Task<QueryPresenceResponse> QueryPresence(QueryPresenceRequest request, ServerCallContext context)
    {
        ulong[] ids = CheckIds(request.UserIds, LimitNames.QueryIds, configuration.Limits.QueryIds);
        PresenceState[] states = await questions.Query(ids, context.CancellationToken);
        var response = new QueryPresenceResponse();
        response.Entries.AddRange(states.Select(static state => Entries.Of(state)));
        return response;
    }

    public override async Task WatchPresence(
        WatchPresenceRequest request, IServerStreamWriter<WatchPresenceResponse> responseStream, ServerCallContext context)
    {
        ulong[] ids = CheckIds(request.UserIds, LimitNames.WatchIds, configuration.Limits.WatchIds);
        var stream = new WatchStream(shards.Of(ids[0]));
        StreamCaller caller = StreamCaller.Of(context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        await using ITimer judged = caller.Follow(ended);
        try
        {
            await stream.RunAsync(ids, responseStream, ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The watcher has left, or may not watch any more.
        }

        if (caller.Rejection is { } rejection)
        {
            throw Refuse(StatusCode.Unauthenticated, rejection.Message);
        }

        if (stream.CloseCode is { } code)
        {
            throw Refuse(StatusCode.Unavailable, $"The watch was ended with {code}; watch again.");
        }
    }

    public override async Task<SetUserStatusResponse> SetUserStatus(SetUserStatusRequest request, ServerCallContext context)
    {
        CheckId(request.UserId);
        byte[]? text = CheckStatus(request);
        PresenceState visible = await questions.SetStatus(request.UserId, request.Status, text, context.CancellationToken);
        return new() { Entry = Entries.Of(visible) };
    }

    public override Task Drain(DrainRequest request, IServerStreamWriter<DrainResponse> responseStream, ServerCallContext context) =>
        drain.RunAsync(request, responseStream);

    public override Task<RevokeResponse> Revoke(RevokeRequest request, ServerCallContext context) => revocations.RevokeAsync(request.Revocation);

    public override Task<ListRevocationsResponse> ListRevocations(ListRevocationsRequest request, ServerCallContext context) =>
        Task.FromResult(revocations.List(request));

    public override Task<LiftRevocationResponse> LiftRevocation(LiftRevocationRequest request, ServerCallContext context) =>
        revocations.LiftAsync(request.Key);

    private async Task<GetUserResponse?> FindUserAsync(ulong userId, CancellationToken cancelled)
    {
        if (await questions.Inspect(userId, cancelled) is not { } report)
        {
            return null;
        }

        var response = new GetUserResponse
        {
            Visible = Entries.Of(report.Visible),
            Invisible = report.Invisible,
            TrueStatus = report.TrueStatus,
            Shard = (uint)shards.Of(userId).Number,
            Partition = (uint)shards.PartitionOf(userId),
            InMemory = report.InMemory,
        };
        response.TrueDeviceKinds.AddRange(Entries.KindsOf(report.TrueKinds));
        response.Devices.AddRange(report.Devices.Select(devices.Of));
        if (report.TrueLastActiveMs >= 0 && report.TrueStatus == V1.Status.Offline)
        {
            response.TrueLastActiveMs = (ulong)report.TrueLastActiveMs;
        }

        return response;
    }

    private byte[]? CheckStatus(SetUserStatusRequest request)
    {
        if (request.Status is not (V1.Status.Online or V1.Status.Away or V1.Status.Busy or V1.Status.Offline or V1.Status.Invisible))
        {
            throw Refuse(StatusCode.InvalidArgument, "status is ONLINE, AWAY, BUSY, OFFLINE or INVISIBLE.");
        }

        byte[] text = System.Text.Encoding.UTF8.GetBytes(request.StatusText);
        int allowed = configuration.Limits.StatusTextBytes;
        return text.Length > allowed
            ? throw Refuse(StatusCode.InvalidArgument, $"status_text has {text.Length} bytes; {LimitNames.StatusTextBytes} is {allowed}.")
            : text is [] ? null : text;
    }

    private static ulong[] CheckIds(RepeatedField<ulong> ids, string limit, int allowed)
    {
        if (ids.Count == 0 || ids.Count > allowed)
        {
            throw Refuse(StatusCode.InvalidArgument, $"user_ids has {ids.Count} ids; 1 to {limit} = {allowed} are expected.");
        }

        foreach (ulong id in ids)
        {
            CheckId(id);
        }

        return [.. ids];
    }

    private static void CheckId(ulong userId)
    {
        if (!UserId.IsValid(userId))
        {
            throw Refuse(StatusCode.InvalidArgument, $"{userId} is not a user id; those are {UserId.Min} to {UserId.Max}.");
        }
    }

    private static void CheckMost(uint count, string field)
    {
        if (count > Explanations.Most)
        {
            throw Refuse(StatusCode.InvalidArgument, $"{field} is {count}; at most {Explanations.Most} are answered.");
        }
    }

    private static RpcException Refuse(StatusCode code, string message) => new(new Status(code, message));
}
