using System.Collections.Frozen;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// How often somebody ran into each limit. A limit has the name that <c>Error.which</c> carries; one that is never told is named as its setting, in snake case. Any thread.
/// </summary>
public sealed class LimitHits
{
    public const string Connections = "connections";
    public const string AddressConnections = "address_connections";
    public const string Handshaking = "handshaking";
    public const string TotalOutboundBytes = "total_outbound_bytes";
    public const string Handshakes = "handshakes";
    public const string UserHandshakes = "user_handshakes";
    public const string HandshakeTimeout = "handshake_timeout";
    public const string HandshakeBytes = "handshake_bytes";
    public const string Revocations = "revocations";
    public const string TokenBytes = "token_bytes";
    public const string HttpBodyBytes = "http_body_bytes";
    public const string ChangeFeeds = "change_feeds";
    public const string MemoryBudget = "memory_budget";
    public const string OutboundBytes = "outbound_bytes";
    public const string CongestedFor = "congested_for";
    public const string LateUsers = "late_users";

    /// <summary>What a limit is counted under that is not in <see cref="Names"/>; none should be.</summary>
    public const string Other = "other";

    private static readonly string[] s_names =
    [
        Other,
        Connections, AddressConnections, Handshaking, TotalOutboundBytes, Handshakes, UserHandshakes, HandshakeTimeout, HandshakeBytes, Revocations, TokenBytes, HttpBodyBytes, ChangeFeeds, MemoryBudget,
        OutboundBytes, CongestedFor, LateUsers,
        ShardOptions.Users,
        LimitNames.MaxFrameBytes, LimitNames.Watches, LimitNames.WatchIds, LimitNames.QueryIds, LimitNames.StatusTextBytes, LimitNames.Devices,
        LimitNames.DeviceIdBytes, LimitNames.PendingRequests, LimitNames.StatusChanges, LimitNames.LinkIds, LimitNames.Gateways, LimitNames.FrameRate, LimitNames.ByteRate, LimitNames.QueryRate,
        LimitNames.WatchRate,
    ];

    private static readonly FrozenDictionary<string, int> s_places = s_names.Select(static (name, place) => (name, place)).ToFrozenDictionary(
        static pair => pair.name, static pair => pair.place);

    private readonly long[] _hits = new long[s_names.Length];

    /// <summary>All that are counted.</summary>
    public static IReadOnlyList<string> Names => s_names;

    public void Hit(string limit) => Interlocked.Increment(ref _hits[s_places.GetValueOrDefault(limit)]);

    /// <summary>Counts what a client is told, if it is told of a limit: LIMIT, or OVERLOADED because of one.</summary>
    public void Hit(Error error)
    {
        if (error.Code == ErrorCode.Limit || (error.Code == ErrorCode.Overloaded && s_places.ContainsKey(error.Which)))
        {
            Hit(error.Which);
        }
    }

    public long Of(string limit) => Volatile.Read(ref _hits[s_places[limit]]);
}
