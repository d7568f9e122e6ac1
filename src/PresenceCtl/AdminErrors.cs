using Grpc.Core;

namespace Presence.Ctl;

/// <summary>What to tell of a call that failed: what was wrong and what to do.</summary>
internal static class AdminErrors
{
    public static string Describe(RpcException error) => error.StatusCode switch
    {
        StatusCode.Unavailable when error.Status.DebugException is not null =>
            $"The admin listener cannot be reached: {Root(error.Status.DebugException)} Is the server running, and is --admin HOST:PORT its admin listener?",
        StatusCode.Unimplemented =>
            "There is no admin service at this address, or one of another version. --admin HOST:PORT is the admin listener, 127.0.0.1:9090 by default.",
        StatusCode.Unauthenticated =>
            $"The server does not accept the token: {error.Status.Detail} Give another with --token or {LocalCredentials.TokenVariable}, or name the server's own --data-directory.",
        StatusCode.PermissionDenied =>
            $"The token is not allowed to do this: {error.Status.Detail} Give another with --token or {LocalCredentials.TokenVariable}.",
        StatusCode.DeadlineExceeded => $"The server did not answer in {AdminConnection.AnswerWithin.TotalSeconds:0} s; see 'presencectl shards' for what holds it up.",
        _ => error.Status.Detail,
    };

    private static string Root(Exception e) => e.GetBaseException().Message.TrimEnd('.') + ".";
}
