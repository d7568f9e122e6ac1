using Grpc.Core;
using Grpc.Core.Interceptors;
using Presence.Server.Security;

namespace Presence.Server.Admin;

/// <summary>Nobody calls the admin service without a token of scope presence:admin.</summary>
internal sealed class AdminAuthentication(AdminTokenValidator tokens, TimeProvider time) : Interceptor
{
    private const string Header = "authorization";
    private const string Scheme = "Bearer ";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Authenticate(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        new StreamCaller(tokens, Authenticate(context), time).Attach(context);
        return continuation(request, responseStream, context);
    }

    // The service has no methods with a stream of requests; one that comes is refused until it is authenticated here too.
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation) => throw NotExpected();

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) => throw NotExpected();

    /// <returns>The token that it came with.</returns>
    private string Authenticate(ServerCallContext context)
    {
        string? value = context.RequestHeaders.GetValue(Header);
        string? token = value?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? value[Scheme.Length..].Trim() : null;
        if (!tokens.TryValidate(token, out _, out TokenRejection? rejection))
        {
            StatusCode code = rejection.Reason == TokenRejectionReason.MissingScope ? StatusCode.PermissionDenied : StatusCode.Unauthenticated;
            throw new RpcException(new Status(
                code, $"{rejection.Message} The admin service wants one with scope {AdminTokenValidator.Scope}."));
        }

        return token!;
    }

    private static RpcException NotExpected() => new(new Status(StatusCode.Unimplemented, "The admin service takes no streams of requests."));
}
