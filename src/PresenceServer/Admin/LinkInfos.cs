using Presence.Admin.V1;
using Presence.Server.Hosting;
using Presence.Server.Transport.Links;
using LinkState = Presence.Admin.V1.LinkState;

namespace Presence.Server.Admin;

/// <summary>What is known of gateways, as the messages that tell it. Reads counts; asks no shard.</summary>
internal sealed class LinkInfos(Gateways gateways, ShardSet shards, NodeClock clock)
{
    public IEnumerable<LinkInfo> All() => gateways.All.Select(Of);

    private LinkInfo Of(Gateway gateway)
    {
        Link? link = gateway.Link;
        GatewayCounts counts = gateway.Counts;
        var info = new LinkInfo
        {
            GatewayId = gateway.Id,
            State = link is null ? LinkState.Held : gateway.IsResyncing ? LinkState.Resyncing : LinkState.Live,
            Users = (ulong)gateway.Users,
            LastSeq = gateway.LastSeq,
            BeatsPerSecond = gateway.BeatRate.PerSecond(clock.MonoMs, counts.Beats),
            Beats = (ulong)counts.Beats,
            Ups = (ulong)Math.Max(0, counts.Ups - gateway.Refused.AfterUp),
            Downs = (ulong)counts.Downs,
            PassedOver = (ulong)counts.PassedOver,
            RefusedUsers = (ulong)gateway.Refused.Total,
            RefusedFrames = (ulong)counts.RefusedFrames,
            Repeats = (ulong)counts.Repeats,
            Unapplied = (uint)gateway.Credit.Unapplied,
            Shard = (uint)(gateway.Ordinal % shards.All.Count),
            Remote = gateway.LastRemote,
            Connection = link is null ? null : Of(link),
        };
        if (link is null)
        {
            info.HeldForMs = (ulong)(clock.MonoMs - gateway.HeldSinceMs);
        }

        return info;
    }

    private static LinkConnection Of(Link link) => new()
    {
        Transport = link.Transport,
        ClientName = link.ClientName,
        SinceMs = (ulong)link.Since.ToUnixTimeMilliseconds(),
        TokenExpiresMs = (ulong)link.TokenExpiresMs,
        Resumed = link.Resumed,
        WatchesAll = link.WatchesAll,
        Congested = link.Connection.IsCongested,
        ReaderPaused = link.Connection.ReaderPaused,
    };
}
