using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Privacy;
using Presence.Server.Security;
using Presence.Server.Transport.Links;

namespace Presence.Server.Transport;

/// <summary>What every connection of the node needs, in one reference: connections are many.</summary>
internal sealed class ClientContext(
    PresenceConfiguration configuration,
    ShardSet shards,
    Gatekeeper gatekeeper,
    LinkAdmission links,
    NewUsers newUsers,
    BrowserOrigins origins,
    WatchGate watchGate,
    Welcomes welcomes,
    Lingering lingering,
    NodeClock clock,
    NodeCounters counters,
    ILogger<ClientConnection> logger)
{
    public LimitsConfiguration Limits { get; } = configuration.Limits;

    public SessionRateLimits Rates { get; } = new(configuration.Limits);

    public TimeSpan HandshakeTimeout { get; } = configuration.Session.HandshakeTimeout;

    public ShardSet Shards { get; } = shards;

    public Gatekeeper Gatekeeper { get; } = gatekeeper;

    public LinkAdmission Links { get; } = links;

    public NewUsers NewUsers { get; } = newUsers;

    public Welcomes Welcomes { get; } = welcomes;

    public BrowserOrigins Origins { get; } = origins;

    public WatchGate WatchGate { get; } = watchGate;

    /// <summary>Connections in their handshake.</summary>
    public DeadlineQueue Handshakes => lingering.Handshakes;

    /// <summary>Connections that have been told to leave.</summary>
    public DeadlineQueue Closing => lingering.Closing;

    public NodeClock Clock { get; } = clock;

    public NodeCounters Counters { get; } = counters;

    public ILogger Logger { get; } = logger;
}
