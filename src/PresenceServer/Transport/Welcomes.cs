using System.Text;
using Google.Protobuf;
using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Transport.Links;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>Composes the Welcome: what a client, or a gateway, must know of this node, and the token with which a client comes back.</summary>
internal sealed class Welcomes(PresenceConfiguration configuration, ResumeTokens resumeTokens)
{
    private readonly Limits _limits = new()
    {
        MaxFrameBytes = (uint)configuration.Limits.MaxFrameBytes,
        Watches = (uint)configuration.Limits.Watches,
        WatchIds = (uint)configuration.Limits.WatchIds,
        QueryIds = (uint)configuration.Limits.QueryIds,
        StatusTextBytes = (uint)configuration.Limits.StatusTextBytes,
        Devices = (uint)configuration.Limits.Devices,
        DeviceIdBytes = (uint)configuration.Limits.DeviceIdBytes,
        PendingRequests = (uint)configuration.Limits.PendingRequests,
        StatusChanges = configuration.Limits.StatusChanges.ToString(),
        FrameRate = TextOf(configuration.Limits.FrameRate),
        ByteRate = TextOf(configuration.Limits.ByteRate),
        QueryRate = TextOf(configuration.Limits.QueryRate),
        WatchRate = TextOf(configuration.Limits.WatchRate),
    };

    private readonly Limits _linkLimits = new()
    {
        MaxFrameBytes = (uint)configuration.Limits.LinkFrameBytes,
        QueryIds = (uint)configuration.Limits.QueryIds,
        Devices = (uint)configuration.Limits.Devices,
        PendingRequests = (uint)configuration.Limits.LinkPendingRequests,
        LinkIds = (uint)configuration.Limits.LinkIds,
        Gateways = (uint)configuration.Limits.Gateways,
    };

    public GatewayWelcome Compose(Link link, in SessionWelcome welcome) => new()
    {
        Resumed = link.Resumed,
        LastSeq = link.ResumedSeq,
        Limits = _linkLimits,
        HeartbeatIntervalMs = (uint)configuration.Session.HeartbeatInterval.TotalMilliseconds,
        HoldMs = (uint)configuration.Session.Hold.TotalMilliseconds,
        CompleteWithinMs = (uint)link.CompleteWithinMs,
        ServerTimeMs = (ulong)welcome.ServerTimeMs,
        Node = configuration.Cluster.NodeId,
    };

    public Welcome Compose(in SessionWelcome session, Hosted hosted) => new()
    {
        SessionId = session.SessionId,
        ResumeToken = ByteString.CopyFrom(ResumeTokenOf(session.SessionId, hosted)),
        Resumed = session.Resumed,
        HeartbeatIntervalMs = (uint)configuration.Session.HeartbeatInterval.TotalMilliseconds,
        FirstHeartbeatAfterMs = session.FirstHeartbeatAfterMs,
        HoldMs = (uint)configuration.Session.Hold.TotalMilliseconds,
        ServerTimeMs = (ulong)session.ServerTimeMs,
        Limits = _limits,
        Node = configuration.Cluster.NodeId,
    };

    private static string TextOf(Rate rate) => rate.IsOff ? "" : rate.ToString();

    private byte[] ResumeTokenOf(ulong sessionId, Hosted hosted) => resumeTokens.Issue(new ResumeClaims
    {
        UserId = hosted.UserId,
        SessionId = sessionId,
        DeviceId = Encoding.UTF8.GetBytes(hosted.DeviceId),
        TokenId = Encoding.UTF8.GetBytes(hosted.Token!.TokenId),
        IssuedAt = hosted.Token.IssuedAt,
        ExpiresAt = hosted.Token.ExpiresAt,
    });
}
