using Google.Protobuf;
using Grpc.Core;
using Presence.Admin.V1;

namespace Presence.Server.Admin;

/// <summary>Answers what an operator has asked of another node, which has looked at the token.</summary>
internal sealed class AdminRelay(IServiceProvider services)
{
    private delegate Task<IMessage> Answer(AdminApi api, byte[] request, ServerCallContext context);

    private static readonly Dictionary<string, Answer> s_answers = new()
    {
        ["GetNode"] = Of<GetNodeRequest, GetNodeResponse>(GetNodeRequest.Parser, static api => api.GetNode),
        ["ListNodes"] = Of<ListNodesRequest, ListNodesResponse>(ListNodesRequest.Parser, static api => api.ListNodes),
        ["GetRing"] = Of<GetRingRequest, GetRingResponse>(GetRingRequest.Parser, static api => api.GetRing),
        ["ListShards"] = Of<ListShardsRequest, ListShardsResponse>(ListShardsRequest.Parser, static api => api.ListShards),
        ["ListLinks"] = Of<ListLinksRequest, ListLinksResponse>(ListLinksRequest.Parser, static api => api.ListLinks),
        ["GetSession"] = Of<GetSessionRequest, GetSessionResponse>(GetSessionRequest.Parser, static api => api.GetSession),
        ["GetUser"] = Of<GetUserRequest, GetUserResponse>(GetUserRequest.Parser, static api => api.GetUser),
        ["ExplainUser"] = Of<ExplainUserRequest, ExplainUserResponse>(ExplainUserRequest.Parser, static api => api.ExplainUser),
        ["QueryPresence"] = Of<QueryPresenceRequest, QueryPresenceResponse>(QueryPresenceRequest.Parser, static api => api.QueryPresence),
        ["SetUserStatus"] = Of<SetUserStatusRequest, SetUserStatusResponse>(SetUserStatusRequest.Parser, static api => api.SetUserStatus),
        ["Revoke"] = Of<RevokeRequest, RevokeResponse>(RevokeRequest.Parser, static api => api.Revoke),
        ["ListRevocations"] = Of<ListRevocationsRequest, ListRevocationsResponse>(ListRevocationsRequest.Parser, static api => api.ListRevocations),
        ["LiftRevocation"] = Of<LiftRevocationRequest, LiftRevocationResponse>(LiftRevocationRequest.Parser, static api => api.LiftRevocation),
    };

    /// <param name="method">Its full name.</param>
    /// <param name="request">Its request, serialised.</param>
    /// <exception cref="RpcException">It is refused.</exception>
    public async Task<IMessage> AnswerAsync(string method, byte[] request)
    {
        string name = method[(method.LastIndexOf('/') + 1)..];
        switch (name)
        {
            case nameof(AdminService.AdminServiceBase.Drain):
                return services.GetRequiredService<DrainStream>().Begin(DrainRequest.Parser.ParseFrom(request));
            case NodeSummaries.Method:
                return services.GetRequiredService<NodeSummaries>().Itself();
        }

        return s_answers.TryGetValue(name, out Answer? answer)
            ? await answer(ActivatorUtilities.CreateInstance<AdminApi>(services), request, new RelayedCall(method))
            : throw new RpcException(new Status(StatusCode.Unimplemented, $"The node has no {name}; it may be of an older version."));
    }

    private static Answer Of<TRequest, TResponse>(MessageParser<TRequest> parser, Func<AdminApi, Func<TRequest, ServerCallContext, Task<TResponse>>> method)
        where TRequest : class, IMessage<TRequest>
        where TResponse : IMessage => async (api, request, context) => await method(api)(parser.ParseFrom(request), context);

    /// <summary>A call that came through another node; the service looks at nothing of it but whether it is over.</summary>
    private sealed class RelayedCall(string method) : ServerCallContext
    {
        protected override string MethodCore => method;

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => CancellationToken.None;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new("", []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException("It ends here.");

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
