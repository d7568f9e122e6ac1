using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>Frames on the wrong kind of connection.</summary>
internal static class LinkFaults
{
    /// <summary>A client's frame on a gateway link.</summary>
    public static Error NotOnLink(ClientFrame frame)
    {
        var error = new Error
        {
            Code = ErrorCode.OutOfOrder,
            Message = $"{frame.FrameCase} is not for a gateway link, which has GatewayHello once, then SessionsUp, SessionsBeat, SessionsDown, "
                + "SessionsComplete, WatchAll, Query, RefreshToken, heartbeats and Goodbye.",
        };
        if (RequestIdOf(frame) is { } id)
        {
            error.RequestId = id;
        }

        return error;
    }

    /// <summary>A second Hello, or a gateway's frame, in the session of a client.</summary>
    public static Error NotInSession(ClientFrame frame)
    {
        bool hello = frame.FrameCase is ClientFrame.FrameOneofCase.Hello or ClientFrame.FrameOneofCase.GatewayHello;
        var error = new Error
        {
            Code = ErrorCode.OutOfOrder,
            Message = hello
                ? "Hello has been said on this connection; open another one for another session."
                : $"{frame.FrameCase} is for gateway links; this connection said Hello. A link begins with GatewayHello, on a connection of its own.",
        };
        if (RequestIdOf(frame) is { } id)
        {
            error.RequestId = id;
        }

        return error;
    }

    private static ulong? RequestIdOf(ClientFrame frame) => frame.FrameCase switch
    {
        ClientFrame.FrameOneofCase.SetStatus => frame.SetStatus.RequestId,
        ClientFrame.FrameOneofCase.Watch => frame.Watch.RequestId,
        ClientFrame.FrameOneofCase.Unwatch => frame.Unwatch.RequestId,
        ClientFrame.FrameOneofCase.WatchAll => frame.WatchAll.RequestId,
        _ => null,
    };
}
