using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Presence.Admin.V1;
using Presence.Server.Configuration;

namespace Presence.Server.Admin;

/// <summary>Brings a question to the node that can answer it: the one that is named, the home of the user, the one that has the session, or all. Stands behind <see cref="AdminAuthentication"/>.</summary>
internal sealed class AdminRouting(INodeDirectory nodes, PresenceConfiguration configuration, TimeProvider time) : Interceptor
{
    /// <summary>Of the metadata: the id of the node that is to answer.</summary>
    public const string Header = "presence-node";

    private static readonly TimeSpan s_everySoOften = TimeSpan.FromMilliseconds(500);

    private string Own => configuration.Cluster.NodeId;

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        string? node = Named(context) ?? HomeOf(request);
        if (node is not null && node != Own)
        {
            return await nodes.AskAsync<TResponse>(node, context.Method, (IMessage)request, context.CancellationToken);
        }

        TResponse response;
        try
        {
            response = await continuation(request, context);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound && request is GetSessionRequest && node is null)
        {
            if (await FirstAsync<TResponse>((IMessage)request, context) is { } elsewhere)
            {
                return elsewhere;
            }

            throw;
        }

        if (request is RevokeRequest or LiftRevocationRequest && node is null)
        {
            await EverywhereAsync<TResponse>((IMessage)request, context);
        }

        return response;
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        string? node = Named(context);
        if (node is null || node == Own)
        {
            await continuation(request, responseStream, context);
        }
        else if (request is DrainRequest drain)
        {
            await DrainAsync(node, drain, (IServerStreamWriter<DrainResponse>)responseStream, context);
        }
        else
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "A watch is of the whole cluster, whichever node is asked: it takes no node."));
        }
    }

    private string? Named(ServerCallContext context)
    {
        string? node = context.RequestHeaders.GetValue(Header);
        return node is null || node == Own || nodes.NodeIds.Contains(node) ? node : throw new RpcException(new Status(
            StatusCode.NotFound, $"There is no node '{node}'; {(nodes.NodeIds is [] ? $"this one, '{Own}', is alone" : $"there are {string.Join(", ", nodes.NodeIds)}")}."));
    }

    private string? HomeOf(object request) => request switch
    {
        GetUserRequest user => nodes.HomeOf(user.UserId),
        ExplainUserRequest user => nodes.HomeOf(user.UserId),
        _ => null,
    };

    private async Task<TResponse?> FirstAsync<TResponse>(IMessage request, ServerCallContext context)
        where TResponse : class
    {
        foreach (string other in nodes.NodeIds.Where(id => id != Own))
        {
            try
            {
                return await nodes.AskAsync<TResponse>(other, context.Method, request, context.CancellationToken);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.Unavailable)
            {
                // The next may have it.
            }
        }

        return null;
    }

    private async Task EverywhereAsync<TResponse>(IMessage request, ServerCallContext context)
        where TResponse : class
    {
        var failed = new List<string>();
        foreach (string other in nodes.NodeIds.Where(id => id != Own))
        {
            try
            {
                await nodes.AskAsync<TResponse>(other, context.Method, request, context.CancellationToken);
            }
            catch (RpcException e)
            {
                // That it is not known there is as good as lifted.
                if (e.StatusCode != StatusCode.NotFound)
                {
                    failed.Add($"{other} ({e.Status.Detail})");
                }
            }
        }

        if (failed.Count > 0)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"It holds on this node, but not on {string.Join(", ", failed)}. Repeat it until it holds on all."));
        }
    }

    private async Task DrainAsync(string node, DrainRequest request, IServerStreamWriter<DrainResponse> responses, ServerCallContext context)
    {
        DrainResponse last = await nodes.AskAsync<DrainResponse>(node, context.Method, request, context.CancellationToken);
        while (!last.Stops)
        {
            await responses.WriteAsync(last);
            await Task.Delay(s_everySoOften, time, context.CancellationToken);
            try
            {
                last = await nodes.AskAsync<DrainResponse>(node, context.Method, request, context.CancellationToken);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.NotFound)
            {
                // It has gone.
                last.Stops = true;
            }
        }

        await responses.WriteAsync(last);
    }
}
