using System.IO.Hashing;
using System.Runtime.InteropServices;
using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Transport.Admission;

/// <summary>Who may come in now, and when else (design §9). Plain and TLS handshakes have budgets of their own. Any thread.</summary>
internal sealed class Admissions
{
    /// <summary>The limit in an answer.</summary>
    public const string Handshakes = LimitHits.Handshakes;

    // Of what the machine could do.
    private const int Share = 4;

    private readonly ShardSet _shards;

    private readonly OverloadMonitor _overload;
    private readonly UserRates _users;
    private readonly Rate _userRate;

    public Admissions(PresenceConfiguration configuration, ShardSet shards, OverloadMonitor overload, NodeClock clock, TimeProvider time)
    {
        (_shards, _overload) = (shards, overload);
        _userRate = configuration.Limits.UserHandshakes;
        _users = new UserRates(RateLimit.Of(_userRate), clock);
        AdmissionConfiguration admission = configuration.Admission;
        bool hasTls = !configuration.Listen.Tls.IsOff;
        TimeSpan plain = admission.Handshakes == 0 || (hasTls && admission.TlsHandshakes == 0) ? HandshakeCost.Plain() : TimeSpan.Zero;
        int signatures = admission.Signatures != 0 ? admission.Signatures : ShareOf(HandshakeCost.Judgement(withCurve: configuration.Auth.HasPublicKeys()));
        Plain = new HandshakeBudget(admission.Handshakes != 0 ? admission.Handshakes : ShareOf(plain), signatures, admission.MaxSlot, clock);
        Tls = !hasTls ? null : new HandshakeBudget(admission.TlsHandshakes != 0 ? admission.TlsHandshakes : ShareOf(TlsCost()), signatures, admission.MaxSlot, clock);
        Links = new HandshakeBudget(signatures, signatures, admission.MaxSlot, clock);

        TimeSpan TlsCost() => HandshakeCost.Tls(
            plain, ListenerCertificate.Load(configuration.Listen.Certificate, configuration.DataDirectory, time.GetUtcNow()));
    }

    /// <summary>Of sessions over TCP, WebSocket and event streams.</summary>
    public HandshakeBudget Plain { get; }

    /// <summary>Of sessions over TLS; null when there is no such listener.</summary>
    public HandshakeBudget? Tls { get; }

    /// <summary>Of gateways, none of which is kept out by a flood of sessions. Those that are here already, or have users who are held, are let in as sessions: whoever makes ids up does not keep them out either.</summary>
    public HandshakeBudget Links { get; }

    public IEnumerable<HandshakeBudget> All => Tls is { } tls ? [Plain, tls, Links] : [Plain, Links];

    public HandshakeBudget Of(ClientConnection connection) => connection.IsTls ? Tls! : Plain;

    /// <summary>Asks for a session, of one who is known.</summary>
    /// <param name="budget">Of its listener.</param>
    /// <param name="key">The device.</param>
    /// <param name="wasHere">It shows a valid resume token.</param>
    /// <returns>As <see cref="SlotSchedule.Enter"/>.</returns>
    public TimeSpan Enter(HandshakeBudget budget, ulong key, bool wasHere) =>
        !wasHere && _overload.Sheds(OverloadStep.NewSessions) ? budget.EnterNewcomer(key) : budget.EnterSession(key);

    /// <summary>Asks for one more session of a user who shows no resume token for it.</summary>
    /// <returns>What the client is told when there were too many lately; null: it may ask for its place among all.</returns>
    public Refusal? CheckUser(ulong userId) => _users.TryTake(userId) ? null : new Refusal(
        new Error
        {
            Code = ErrorCode.Overloaded,
            Which = LimitHits.UserHandshakes,
            Message = $"The limit {LimitHits.UserHandshakes} is {_userRate} for one user: come again after reconnect_after_ms. Show the resume token of the last Welcome, which does not count, and keep one device_id for an installation.",
            // The whole of it is there again by then, however many come.
            ReconnectAfterMs = (uint)_userRate.Per.TotalMilliseconds,
        },
        CloseCode.Overloaded);

    /// <summary>Asks for a look at a token in the place of a session's: to verify it costs what a handshake costs, so it counts as one.</summary>
    /// <returns>What the client is told when there were too many lately; null: its token may be looked at.</returns>
    public Error? CheckRenewal(ulong userId) => _users.TryTake(userId) ? null : new Error
    {
        Code = ErrorCode.Limit,
        Which = LimitHits.UserHandshakes,
        Allowed = (ulong)_userRate.Count,
        Message = $"The limit {LimitHits.UserHandshakes} is {_userRate} for one user, new tokens included; this one was not looked at. Renew a token once, when TokenExpiring says so.",
    };

    /// <summary>What a device of a user is known by, from one try to the next.</summary>
    public static ulong KeyOf(ulong userId, ulong deviceKey) => deviceKey ^ (userId * 0x9E37_79B9_7F4A_7C15);

    /// <summary>The same for one whose token is not judged yet.</summary>
    public static ulong KeyOf(string token, ulong deviceKey) => deviceKey ^ XxHash3.HashToUInt64(MemoryMarshal.AsBytes(token.AsSpan()));

    /// <summary>What a client is told that is to come again at its slot.</summary>
    public static Refusal Later(TimeSpan wait) => new(
        new Error
        {
            Code = ErrorCode.Overloaded,
            Which = Handshakes,
            Message = "More come at once than the node can serve; you have your own slot: come again after reconnect_after_ms. Who was here before stays up until then.",
            ReconnectAfterMs = SlotMs(wait),
        },
        CloseCode.Overloaded);

    /// <summary>The same for one that was here before: its session is held until its slot and h beyond it.</summary>
    /// <param name="wait">Until its slot.</param>
    /// <param name="hello">What it said, with a valid resume token.</param>
    /// <param name="userId">Of the token.</param>
    public Refusal Later(TimeSpan wait, Hello hello, ulong userId) => Later(wait) with { Held = HeldUntil(wait, userId, _shards.DeviceKey(hello.DeviceId)) };

    /// <summary>Holds the session of a device that has shown whose it is and is to come again; for its user's shard.</summary>
    public SessionDeferred HeldUntil(TimeSpan wait, ulong userId, ulong deviceKey) => new(userId, deviceKey)
    {
        SlotMs = SlotMs(wait),
        Stamp = _shards.Of(userId).StampNow,
    };

    // Not before it.
    private static uint SlotMs(TimeSpan wait) => (uint)Math.Ceiling(wait.TotalMilliseconds);

    private static int ShareOf(TimeSpan cost) => Math.Max(1, (int)((double)Environment.ProcessorCount / Share / Math.Max(cost.TotalSeconds, 1e-6)));
}
