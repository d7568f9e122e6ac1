using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Http;
using Presence.Server.Security;
using Presence.Server.Transport.Admission;
using Presence.Server.Transport.Links;
using Presence.V1;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>Who comes, who is turned away and why, who goes and how; and what each limit has kept out.</summary>
internal static class ClientInstruments
{
    private const string Code = "code";

    public static void Add(NodeMeter meter, ShardSet shards, NodeCounters counters, TokenValidator tokens, ResumeTokens resumeTokens)
    {
        AddConnections(meter, shards, counters);
        AddSessions(meter, shards, counters);
        AddTokens(meter, tokens, resumeTokens);
        meter.Count("presence.limit.hits", "{hit}", "Times that somebody ran into a limit.",
            LimitHits.Names.Select(limit => Attributes.Of("limit", limit, () => HitsOf(limit, shards, counters, tokens))));
        meter.Count("presence.shed", "{item}", "What was let go because of overload.",
            Attributes.Each<ShedClass>("class", shed => counters.Sheds.Of(shed) + shards.Sum(shard => shard.Sheds.Of(shed))));
    }

    public static void Add(NodeMeter meter, Gateways gateways, ChangesEndpoint changes)
    {
        meter.Level("presence.links", "{link}", "Gateways whose users are up or held.",
        [
            Attributes.Of("state", "live", () => gateways.All.Count(static gateway => gateway is { Link: not null, IsResyncing: false })),
            Attributes.Of("state", "resyncing", () => gateways.All.Count(static gateway => gateway is { Link: not null, IsResyncing: true })),
            Attributes.Of("state", "held", () => gateways.All.Count(static gateway => gateway.Link is null)),
        ]);
        meter.Level("presence.link.unapplied", "{user}", "Users of links' frames that wait for the shards.", () => gateways.All.Sum(static gateway => (long)gateway.Credit.Unapplied));
        meter.Level("presence.change_feeds", "{feed}", "Change feeds that are open.", () => changes.Open);
    }

    private static void AddConnections(NodeMeter meter, ShardSet shards, NodeCounters counters)
    {
        meter.Level("presence.connections", "{connection}", "Connections of clients and gateways that are read from.", Attributes.Each<Carrier>("transport", counters.Connections.Now));
        meter.Count("presence.connections.opened", "{connection}", "Connections that began to be served.", Attributes.Each<Carrier>("transport", counters.Connections.Opened));
        meter.Level("presence.connections.congested", "{connection}", "Connections whose peer does not read as fast as is written.", () => shards.Sum(static shard => shard.Levels.CongestedConnections));
        meter.Count("presence.closes", "{connection}", "Connections of sessions and links that ended, by what the server told them; goodbye is the client's own, lost was said by nobody.",
        [
            .. Enum.GetValues<CloseCode>().Select(code => Attributes.Of(
                Code, code == CloseCode.Unspecified ? "goodbye" : CloseCodes.Name(code), () => shards.Sum(shard => shard.Closes.Of(code)))),
            Attributes.Of(Code, "lost", () => shards.Sum(static shard => shard.Lost)),
        ]);
    }

    private static void AddSessions(NodeMeter meter, ShardSet shards, NodeCounters counters)
    {
        meter.Count("presence.sessions.opened", "{session}", "Sessions that came up on a connection.", () => shards.Sum(static shard => shard.SessionsOpened));
        meter.Count("presence.sessions.resumed", "{session}", "Those of them whose device nobody had seen go.", () => shards.Sum(static shard => shard.SessionsResumed));
        meter.Count("presence.handshakes.refused", "{handshake}", "Connections that did not become a session or link, by what they were told; upgrade is a request that did not become a WebSocket.",
            Enum.GetValues<CloseCode>().Select(code => Attributes.Of(
                Code, code == CloseCode.Unspecified ? "upgrade" : CloseCodes.Name(code), () => counters.Refusals.Of(code))));
    }

    public static void Add(NodeMeter meter, ShardSet shards, Admissions admissions)
    {
        meter.Count("presence.handshakes.deferred", "{handshake}", "Handshakes that were given a slot to come again at.", OfEach(admissions, static budget => budget.Deferred));
        meter.Level("presence.handshakes.waiting", "{handshake}", "Those of them that have not come yet.", OfEach(admissions, static budget => budget.Waiting));
        meter.Level("presence.handshakes.allowed", "{handshake}", "Handshakes that are let in a second.", OfEach(admissions, static budget => budget.PerSecond));
        meter.Count("presence.sessions.deferred", "{session}", "Sessions that are held until the slot of their device.", () => shards.Sum(static shard => shard.SessionsDeferred));
    }

    // Without a listener for TLS there is nothing of it.
    private static IEnumerable<Reading<long>> OfEach(Admissions admissions, Func<HandshakeBudget, long> read) =>
    [
        Attributes.Of("listener", "plain", () => read(admissions.Plain)),
        Attributes.Of("listener", "tls", () => admissions.Tls is { } tls ? read(tls) : 0),
        Attributes.Of("listener", "links", () => read(admissions.Links)),
    ];

    private static void AddTokens(NodeMeter meter, TokenValidator tokens, ResumeTokens resumeTokens) =>
        meter.Count("presence.tokens.rejected", "{token}", "Tokens that were not believed, or not enough.",
        [
            .. Enum.GetValues<TokenRejectionReason>().Select(reason => OfToken("jwt", NodeMeter.NameOf(reason), () => tokens.Rejected.Of(reason))),
            .. Enum.GetValues<ResumeRejection>().Where(static reason => reason != ResumeRejection.None)
                .Select(reason => OfToken("resume", NodeMeter.NameOf(reason), () => resumeTokens.Rejected.Of(reason))),
        ]);

    private static Reading<long> OfToken(string kind, string reason, Func<long> read) => new(read, new("kind", kind), new("reason", reason));

    private static long HitsOf(string limit, ShardSet shards, NodeCounters counters, TokenValidator tokens) =>
        counters.Limits.Of(limit)
        + shards.Sum(shard => shard.Limits.Of(limit))
        + (limit == LimitHits.TokenBytes ? tokens.Rejected.Of(TokenRejectionReason.TooLong) : 0);
}
