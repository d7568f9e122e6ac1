namespace Presence.Server.Configuration;

/// <summary>
/// One name a limit. Those a client can run into are told in <c>Welcome.limits</c>; going over one is answered with
/// <c>Error{LIMIT, which, allowed}</c>, and nothing of the request is done.
/// </summary>
internal sealed record LimitsConfiguration
{
    /// <summary>
    /// The longest frame of a client connection, both ways. 65,536 bytes, 4,096 to 1 MiB: one Watch of 1,000 ids with versions is 16 KB.
    /// </summary>
    [Between("4096", "1048576")]
    public int MaxFrameBytes { get; init; } = 65_536;

    /// <summary>
    /// The longest frame that a gateway sends on its link. 1 MiB, 4,096 to 1 MiB: 50,000 ids are 400 KB; must leave room for
    /// <see cref="LinkIds"/>. What it is sent has <see cref="MaxFrameBytes"/> as for all.
    /// </summary>
    [Between("4096", "1048576")]
    public int LinkFrameBytes { get; init; } = 1_048_576;

    /// <summary>
    /// Users in one frame of a gateway link. 50,000, 1 to 50,000: some milliseconds of a shard's work, which it does in slices; four
    /// times as many may wait for the shards before the link is read no further.
    /// </summary>
    [Between("1", "50000")]
    public int LinkIds { get; init; } = 50_000;

    /// <summary>
    /// Gateways at one time, by their ids; one that said Goodbye counts until the last of its users is gone, one that was lost until its
    /// hold is over besides. One more is told to come back (OVERLOADED). 64, 1 to 256: each has its place in every shard; a rolling deploy
    /// of gateways with names of their own needs room for old and new.
    /// </summary>
    [Between("1", "256")]
    public int Gateways { get; init; } = 64;

    /// <summary>
    /// Change feeds that are open at one time; one more is told to come back. 8, 1 to 256: each puts every transition of the node into words again.
    /// </summary>
    [Between("1", "256")]
    public int ChangeFeeds { get; init; } = 8;

    /// <summary>
    /// The longest JWT. 8,192 bytes, 512 to 65,536: refused before it is parsed, so that junk costs nothing; must leave room for the
    /// rest of <c>Hello</c> in <see cref="MaxFrameBytes"/>.
    /// </summary>
    [Between("512", "65536")]
    public int TokenBytes { get; init; } = 8_192;

    /// <summary>
    /// The longest first frame of a connection. 16,384 bytes, 2,048 to 65,536: a token, a resume token and some names; nobody has shown yet who it is, so it is not given more. Must leave room for
    /// <see cref="TokenBytes"/>.
    /// </summary>
    [Between("2048", "65536")]
    public int HandshakeBytes { get; init; } = 16_384;

    /// <summary>The longest body of an HTTP request. 65,536 bytes, 4,096 to 1 MiB: 1,000 ids of 19 digits are 23 KB.</summary>
    [Between("4096", "1048576")]
    public int HttpBodyBytes { get; init; } = 65_536;

    /// <summary>
    /// Connections at one time. 0, the default, is the limit of open files minus <see cref="DescriptorReserve"/>: at that limit accept
    /// fails in a loop and takes the process down, below it the next client is refused and nobody else notices. Once loaded: the
    /// number itself. A process that has fewer to spare when it binds its listeners says so and takes no more than those.
    /// </summary>
    [Between("0", "10000000")]
    public int Connections { get; init; }

    /// <summary>
    /// Connections of one address (of IPv6: of one /64) at one time. 0, the default, is as many as <see cref="Connections"/>: behind a load balancer, or a carrier's NAT, many clients have one address. Where the server's
    /// ports are reached directly, some thousands.
    /// </summary>
    [Between("0", "10000000")]
    public int AddressConnections { get; init; }

    /// <summary>
    /// Connections that have not said Hello yet, over HTTP: have shown no valid token. 0, the default, is as many as <see cref="Connections"/>; at one more, the one that has waited longest is closed. Less only where fewer clients come at
    /// once: in a storm all of them wait. When all <see cref="Connections"/> are taken, who has waited for a second without a Hello makes room too; before it who was told to leave and has not for so long.
    /// </summary>
    [Between("0", "10000000")]
    public int Handshaking { get; init; }

    /// <summary>
    /// What all connections together may owe to clients that read too slowly, as far as it is counted: <see cref="OutboundBytes"/> for each that is congested. 256 MiB, 1 MiB to 64 GiB; beyond it who has been congested longest is closed
    /// with SLOW_CONSUMER.
    /// </summary>
    [Between("1MiB", "64GiB")]
    public ByteSize TotalOutboundBytes { get; init; } = ByteSize.Parse("256MiB");

    /// <summary>
    /// Descriptors kept for what is no client: the runtime holds one per assembly (some 230), then files, listeners, event polls, 32
    /// operators and what is opened later. 384, 64 to 65,536.
    /// </summary>
    [Between("64", "65536")]
    public int DescriptorReserve { get; init; } = 384;

    /// <summary>
    /// Connections the kernel holds that were not accepted yet. 8,192, 128 to 65,535; with the usual 512 a reconnect storm overflows
    /// and clients wait for retransmissions. <c>net.core.somaxconn</c> caps it.
    /// </summary>
    [Between("128", "65535")]
    public int AcceptBacklog { get; init; } = 8_192;

    /// <summary>
    /// Users in the memory of one shard; new ones are told to come back (OVERLOADED), who is up is served. 134,000,000, 1 to 134,000,000: its
    /// index holds 134,217,727, and some room is left for who is only asked about. For more, more shards (<c>Presence:Shards</c>).
    /// </summary>
    [Between("1", "134000000")]
    public int ShardUsers { get; init; } = 134_000_000;

    /// <summary>Users one session watches. 1,000, 1 to 10,000; each costs memory here and every change of each is a delivery.</summary>
    [Between("1", "10000")]
    public int Watches { get; init; } = 1_000;

    /// <summary>Ids in one <c>Watch</c> or <c>Unwatch</c>. 1,000, 1 to 1,000: bounds the work of one frame.</summary>
    [Between("1", "1000")]
    public int WatchIds { get; init; } = 1_000;

    /// <summary>Ids in one <c>Query</c> or HTTP question. 1,000, 1 to 1,000: bounds the work of one frame.</summary>
    [Between("1", "1000")]
    public int QueryIds { get; init; } = 1_000;

    /// <summary>UTF-8 bytes of a status text. 128, 0 to 128; 0 allows none.</summary>
    [Between("0", "128")]
    public int StatusTextBytes { get; init; } = 128;

    /// <summary>Live devices of a user. 16, 1 to 16.</summary>
    [Between("1", "16")]
    public int Devices { get; init; } = 16;

    /// <summary>UTF-8 bytes of a device id. 64, 1 to 64; they are part of every resume token.</summary>
    [Between("1", "64")]
    public int DeviceIdBytes { get; init; } = 64;

    /// <summary>
    /// Watches and queries of one connection that were not answered yet. 16, 1 to 255; more are refused.
    /// </summary>
    [Between("1", "255")]
    public int PendingRequests { get; init; } = 16;

    /// <summary>
    /// Queries of one gateway link that were not answered yet. 128, 1 to 255; more are refused. What GatewayWelcome calls
    /// <c>pending_requests</c>.
    /// </summary>
    [Between("1", "255")]
    public int LinkPendingRequests { get; init; } = 128;

    /// <summary>
    /// Users whose latest state a <c>WatchAll</c> link has not been told because it reads too slowly; beyond them it is closed with
    /// SLOW_CONSUMER. 4,000,000, 1 to 100,000,000: each takes memory while it waits, on every such link.
    /// </summary>
    [Between("1", "100000000")]
    public int LateUsers { get; init; } = 4_000_000;

    /// <summary>
    /// Status changes of one user, <c>COUNT/TIME</c>; more are delayed and the latest wins. <c>5/30s</c>: nobody reads faster, and one
    /// user's changes are deliveries to all watchers. 0 is off.
    /// </summary>
    public Rate StatusChanges { get; init; } = Rate.Parse("5/30s");

    /// <summary>
    /// Revocations made with presencectl, and as many in the list of Presence:Auth:RevocationFile or RevocationUrl. 100,000, 1 to 1,000,000: each change writes those
    /// made here anew, and a list that is longer is refused as a whole.
    /// </summary>
    [Between("1", "1000000")]
    public int Revocations { get; init; } = 100_000;

    /// <summary>
    /// Sessions that one user opens without a resume token, <c>COUNT/TIME</c>; more are put off. <c>32/10s</c>: all devices a user may have, twice. The budget of handshakes is everybody's, and one token must not
    /// use it up by ever new devices. 0 is off.
    /// </summary>
    public Rate UserHandshakes { get; init; } = Rate.Parse("32/10s");

    /// <summary>
    /// Frames of one session, <c>COUNT/TIME</c>; more, and its connection is closed. <c>1000/10s</c>: a client sends one in d, and a few when it comes back. 0 is off. Gateway links are bounded by what
    /// the shards have not applied instead.
    /// </summary>
    public Rate FrameRate { get; init; } = Rate.Parse("1000/10s");

    /// <summary>
    /// Bytes of the frames of one session, <c>COUNT/TIME</c>; more, and its connection is closed. <c>2000000/10s</c>: ten thousand watches with their versions, named anew, are 160 KB. 0 is off.
    /// Must leave room for the largest frame.
    /// </summary>
    public Rate ByteRate { get; init; } = Rate.Parse("2000000/10s");

    /// <summary>
    /// Queries of one session, and over HTTP questions of one user, <c>COUNT/TIME</c>; more are refused. <c>200/10s</c>: at 1,000 ids each, as many as anybody can look at; who wants to know of changes watches. 0 is off.
    /// </summary>
    public Rate QueryRate { get; init; } = Rate.Parse("200/10s");

    /// <summary>
    /// Ids that one session names in its Watches, <c>COUNT/TIME</c>, each of which is answered; more are refused. <c>20000/10s</c>: ten thousand watches, and all of them again. 0 is off. Must leave room
    /// for all that a session may watch.
    /// </summary>
    public Rate WatchRate { get; init; } = Rate.Parse("20000/10s");

    /// <summary>How long a connection may be congested before it is closed with SLOW_CONSUMER. 10 s, 100 ms to 5 min.</summary>
    [Between("00:00:00.1", "00:05:00")]
    public TimeSpan CongestedFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Bytes written to a connection and not yet taken by the kernel; beyond them it is congested and its updates coalesce. 16,384 bytes,
    /// 4,096 to 16 MiB: times the number of connections, this is the memory that slow readers can take.
    /// </summary>
    [Between("4096", "16777216")]
    public int OutboundBytes { get; init; } = 16_384;
}
