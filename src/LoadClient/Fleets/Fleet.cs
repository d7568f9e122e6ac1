using Presence.Client.Connections;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Series;
using Presence.V1;

namespace Presence.LoadClient.Fleets;

/// <summary>
/// Many direct sessions: brings them up, counts what becomes of them, and lets those that are lost come back by the rules that every
/// client obeys.
/// </summary>
/// <remarks>
/// A session that the network refuses before it was ever up is given up: there is no server. All else comes back, as long as the server
/// does not forbid it: exactly when it was told to, else by the back-off.
/// </remarks>
internal sealed class Fleet : ISessionEvents, IGenerator
{
    private readonly EventLoop _loop;
    private readonly IFleetEvents _events;
    private readonly SessionPlan _plan;
    private readonly Session[] _sessions;
    private readonly Opening _opening;
    private readonly bool[] _wasWelcomed;
    // Only of those that were lost.
    private readonly Dictionary<int, ReconnectPolicy> _policies = [];
    private int _up;
    private int _givenUp;

    /// <param name="firstUser">The user of session 0; the others follow.</param>
    /// <param name="views">Whom each session watches.</param>
    public Fleet(FleetPlan plan, ulong firstUser, IReadOnlyList<View> views, IFleetEvents events)
    {
        (_loop, _events) = (plan.Loop, events);
        _plan = new SessionPlan(plan.Loop, plan.Servers, plan.Tokens, this, plan.Random);
        _sessions = [.. views.Select((view, n) => new Session(n, firstUser + (ulong)n, view, _plan))];
        _wasWelcomed = new bool[views.Count];
        _opening = new Opening(_sessions);
    }

    public IReadOnlyList<Session> Sessions => _sessions;

    public HeartbeatCounts Heartbeats => _plan.Heartbeats;

    /// <summary>Tries to come up that failed, by reason: of sessions that had not been up, or had been lost.</summary>
    public Tally Failed { get; } = new();

    /// <summary>Sessions that came up and were lost though nobody dropped them, by reason.</summary>
    public Tally Lost { get; } = new();

    /// <summary>Error frames, by code.</summary>
    public Tally Errors { get; } = new();

    /// <summary>Times that a session was told when to come back.</summary>
    public long Paced { get; private set; }

    /// <summary>Sessions that came up again.</summary>
    public long Returned { get; private set; }

    /// <summary>How long the server shows a device that lost its connection.</summary>
    public TimeSpan Hold { get; private set; }

    /// <summary>d, as the server says; it has said nothing yet: a second.</summary>
    public TimeSpan Interval { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>What the server said of its limits; null: nobody was welcomed.</summary>
    public Limits? Limits { get; private set; }

    public long Asked => _sessions.Length;

    public int Up => _up;

    public bool HasSettled => _up + _givenUp == _sessions.Length;

    public IEnumerable<Session> UpSessions => _sessions.Where(static session => session.IsUp);

    public RunTotals Totals => new()
    {
        SessionsUp = _up,
        Heartbeats = Heartbeats.Sent,
        Failures = Failed.Total + Lost.Total + Errors.Total,
    };

    public void Open() => _opening.Start();

    public long DropAll()
    {
        int dropped = 0;
        foreach (Session session in UpSessions)
        {
            Drop(session, reset: true);
            session.OpenAt(_loop.Now);
            dropped++;
        }

        return dropped;
    }

    /// <summary>A session loses its connection, and stays away until it is told to open.</summary>
    public void Drop(Session session, bool reset)
    {
        _up -= session.IsUp ? 1 : 0;
        session.Drop(reset);
    }

    /// <summary>Asks every session that is up for an ack: what the server wrote before it has then arrived.</summary>
    /// <returns>How many acks there will be in all.</returns>
    public long AskAllForAck()
    {
        long acks = Heartbeats.Acked;
        foreach (Session session in UpSessions)
        {
            session.AskForAck();
            acks++;
        }

        return acks;
    }

    void ISessionEvents.OnWelcome(Session session, Welcome welcome)
    {
        Limits ??= welcome.Limits ?? new Limits();
        Hold = TimeSpan.FromMilliseconds(welcome.HoldMs);
        Interval = TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs);
        bool isReturn = _wasWelcomed[session.Index];
        Returned += isReturn ? 1 : 0;
        _wasWelcomed[session.Index] = true;
        _events.OnWelcome(session, welcome, isReturn);
    }

    void ISessionEvents.OnUp(Session session)
    {
        _up++;
        _events.OnUp(session);
        _opening.Settle(session);
    }

    void ISessionEvents.OnDown(Session session, bool wasUp, Ending ending)
    {
        (wasUp ? Lost : Failed).Add(ending.Reason);
        if (wasUp)
        {
            _up--;
            _events.OnLost(session);
        }

        if (ComeBackAfter(session, wasUp, ending) is { } wait)
        {
            TimeSpan at = _loop.Now + wait;
            if (ending.ReconnectAfter is not null)
            {
                Paced++;
                _events.OnPaced(session, at);
            }

            session.OpenAt(at);
        }
        else
        {
            _givenUp++;
            _opening.Settle(session);
        }
    }

    void ISessionEvents.OnEntry(Session session, in SeenEntry entry, bool isNews) => _events.OnEntry(session, entry, isNews);

    void ISessionEvents.OnAnswer(Session session, ulong requestId, bool isComplete) =>
        _events.OnAnswer(session, requestId, isComplete);

    void ISessionEvents.OnAck(Session session, ulong requestId, ulong version) => _events.OnAck(session, requestId, version);

    void ISessionEvents.OnError(Session session, Error error)
    {
        // One that is told to come back later is counted among the failed tries, by the close code that follows.
        if (session.IsUp || error.Code != ErrorCode.Overloaded)
        {
            Errors.Add(error.Code.ToString().ToLowerInvariant());
        }

        if (session.IsUp && error.HasRequestId)
        {
            _events.OnRefused(session, error.RequestId);
        }
    }

    private TimeSpan? ComeBackAfter(Session session, bool wasUp, Ending ending)
    {
        if (_events.StaysAway(session) || (ending.Code == CloseCode.Unspecified && !_wasWelcomed[session.Index]))
        {
            return null;
        }

        if (!_policies.TryGetValue(session.Index, out ReconnectPolicy? policy))
        {
            _policies[session.Index] = policy = new ReconnectPolicy(_plan.Random);
        }

        return policy.ComeBackAfter(ending, wasUp ? _loop.Now - session.UpSince : TimeSpan.Zero, Interval);
    }
}
