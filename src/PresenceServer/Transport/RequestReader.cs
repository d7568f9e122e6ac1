using System.Text;
using Google.Protobuf.Collections;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.Server.Transport.Links;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>Checks the requests of a live session and turns each into the message of the shard that does it.</summary>
internal static class RequestReader
{
    /// <returns>The message; a <see cref="RequestFault"/> when the request breaks a rule.</returns>
    public static ShardMessage Read(ClientConnection connection, ClientFrame frame, ClientContext context) => frame.FrameCase switch
    {
        ClientFrame.FrameOneofCase.SetStatus => SetStatus(connection, frame.SetStatus, context.Limits),
        ClientFrame.FrameOneofCase.Watch => Watch(connection, frame.Watch, context.Limits),
        ClientFrame.FrameOneofCase.Unwatch => Unwatch(connection, frame.Unwatch, context.Limits),
        ClientFrame.FrameOneofCase.Query => Query(connection, frame.Query, context.Limits),
        ClientFrame.FrameOneofCase.RefreshToken => RefreshToken(connection, frame.RefreshToken, context.Gatekeeper),
        _ => new RequestFault(connection, LinkFaults.NotInSession(frame)),
    };

    private static ShardMessage SetStatus(ClientConnection connection, SetStatus request, LimitsConfiguration limits)
    {
        if (request.Status is not (Status.Online or Status.Away or Status.Busy or Status.Offline or Status.Invisible))
        {
            return Invalid(connection, request.RequestId, "status", "status is ONLINE, AWAY, BUSY, OFFLINE or INVISIBLE.");
        }

        byte[]? text = request.StatusText.Length == 0 ? null : Encoding.UTF8.GetBytes(request.StatusText);
        return text?.Length > limits.StatusTextBytes
            ? Limit(connection, request.RequestId, LimitNames.StatusTextBytes, limits.StatusTextBytes, text.Length, "Shorten it")
            : new SetStatusRequest(connection, request.RequestId, request.Status, text);
    }

    private static ShardMessage Watch(ClientConnection connection, Watch request, LimitsConfiguration limits)
    {
        if (request.Versions.Count != 0 && request.Versions.Count != request.UserIds.Count)
        {
            return Invalid(
                connection,
                request.RequestId,
                "versions",
                $"versions is empty or has one for each of user_ids; it has {request.Versions.Count} for {request.UserIds.Count}.");
        }

        return (ShardMessage?)CheckIds(connection, request.RequestId, request.UserIds, LimitNames.WatchIds, limits.WatchIds)
            ?? new WatchRequest(connection, request.RequestId, [.. request.UserIds], [.. request.Versions]);
    }

    private static ShardMessage Unwatch(ClientConnection connection, Unwatch request, LimitsConfiguration limits) =>
        (ShardMessage?)CheckIds(connection, request.RequestId, request.UserIds, LimitNames.WatchIds, limits.WatchIds)
        ?? new UnwatchRequest(connection, request.RequestId, [.. request.UserIds]);

    private static ShardMessage Query(ClientConnection connection, Query request, LimitsConfiguration limits) =>
        (ShardMessage?)CheckIds(connection, request.RequestId, request.UserIds, LimitNames.QueryIds, limits.QueryIds)
        ?? new QueryRequest(connection, request.RequestId, [.. request.UserIds]);

    private static ShardMessage RefreshToken(ClientConnection connection, RefreshToken request, Gatekeeper gatekeeper)
    {
        if (gatekeeper.Renew(connection.Session!, request.Token, out Error? error, out bool closes) is { } identity)
        {
            return new TokenRefreshed(connection, request.RequestId, identity.ExpiresAt.ToUnixTimeMilliseconds(), identity.Mark);
        }

        error!.RequestId = request.RequestId;
        return closes ? new ConnectionFault(connection, error, CloseCode.BadToken) : new RequestFault(connection, error);
    }

    private static RequestFault? CheckIds(
        ClientConnection connection, ulong requestId, RepeatedField<ulong> ids, string limit, int allowed)
    {
        if (ids.Count > allowed)
        {
            return Limit(connection, requestId, limit, allowed, ids.Count, "Split it");
        }

        foreach (ulong id in ids)
        {
            if (!UserId.IsValid(id))
            {
                return Invalid(connection, requestId, "user_ids", $"{id} is not a user id; those are 1 to 9223372036854775807.");
            }
        }

        return null;
    }

    private static RequestFault Invalid(ClientConnection connection, ulong requestId, string which, string message) =>
        new(connection, new Error { RequestId = requestId, Code = ErrorCode.InvalidArgument, Which = which, Message = message });

    private static RequestFault Limit(ClientConnection connection, ulong requestId, string which, int allowed, int asked, string remedy) =>
        new(connection, new Error
        {
            RequestId = requestId,
            Code = ErrorCode.Limit,
            Which = which,
            Allowed = (ulong)allowed,
            Message = $"{which} is {allowed}, the request has {asked}; nothing of it was done. {remedy}.",
        });
}
