using Presence.LoadClient.Connections;
using Presence.LoadClient.Pacing;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>
/// Drives one gateway: at every tick it says what has come due since the last, then gives it to the socket in one piece. What arrives goes
/// to the judge.
/// </summary>
internal sealed class LinkDriver : ILinkEvents, IDeadline, IDisposable
{
    /// <summary>Half of it is added to every latency on average; each costs a write and a read a link.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const ulong WatchAllRequest = ulong.MaxValue;

    /// <summary>Questions at a time where the server names no limit.</summary>
    private const int DefaultMostOpen = 64;

    private readonly LoadPlan _plan;
    private readonly LinkUsers _users;
    private readonly Naming _naming;
    private int _mostOpen = DefaultMostOpen;
    private bool _wantsAll;
    private bool _setStands;
    private bool _wasLive;
    private bool _wasNamed;
    private ulong _namedBy;

    public LinkDriver(int number, GatewayPlan gateways, LoadPlan plan)
    {
        (Number, _plan) = (number, plan);
        Gateway = new GatewayLink(number, gateways, this);
        _users = new LinkUsers(plan.Population, number);
        _naming = new Naming(Gateway, _users, plan.Truth, plan.Scratch);
        Heartbeats = new Heartbeats(Gateway, _users, plan);
        Changes = new LinkChanges(Gateway, _users, plan);
        Queries = new Queries(Gateway, plan);
        Reads = new Reads(number, plan, Queries);
    }

    public int Number { get; }

    public GatewayLink Gateway { get; }

    public LinkChanges Changes { get; }

    public Heartbeats Heartbeats { get; }

    public Queries Queries { get; }

    public Reads Reads { get; }

    public Witness Witness { get; } = new();

    /// <summary>WatchAll was acked on this connection.</summary>
    public bool SeesAll { get; private set; }

    public bool IsNamed => _naming.IsDone;

    /// <summary>The server has taken all that was said when the set was named.</summary>
    public bool HasTakenNames => Gateway.AckedSeq >= _namedBy;

    /// <summary>All changes that are due have been said, and the server has taken them.</summary>
    public bool HasTakenChanges => Changes.Pending == 0 && Changes.AreTaken;

    /// <summary>Users that the server has taken; none before it has taken all.</summary>
    public long Taken => IsNamed && HasTakenNames ? _users.Count : 0;

    /// <summary>Users that the server has been told of; it keeps them while they are named again.</summary>
    public long Up => (_wasNamed ? _users.Count : _naming.Named) - _users.Absent.Count;

    /// <summary>How far behind its rate the naming is.</summary>
    public TimeSpan NamingBehind(TimeSpan now) => _naming.Behind(now);

    /// <summary>The welcome of the first connection; null: not welcomed yet.</summary>
    public GatewayWelcome? Welcome { get; private set; }

    /// <summary>One more question may be asked now.</summary>
    public bool CanAsk => Gateway.IsLive && Queries.Open < _mostOpen;

    /// <summary>Times the link came back and the server had kept its set.</summary>
    public int Resumed { get; private set; }

    /// <summary>Asks for all transitions, now and on every later connection.</summary>
    public void WatchAll()
    {
        _wantsAll = true;
        Gateway.WatchAll(WatchAllRequest);
    }

    public TimeSpan? OnDue(TimeSpan now)
    {
        _plan.Changes.TakeDue(now);
        if (Gateway.IsLive)
        {
            Say(now);
        }
        else
        {
            Reads.PassOver(now);
        }

        // On a grid: a late tick does not move those after it.
        long ticks = (now.Ticks - Offset.Ticks) / Tick.Ticks;
        return Offset + ((ticks + 1) * Tick);
    }

    public void OnLive(GatewayWelcome welcome, bool mustName, bool mustComplete)
    {
        TimeSpan now = _plan.Loop.Now;
        Resumed += _wasLive && welcome.Resumed ? 1 : 0;
        Welcome ??= welcome;
        if (welcome.Limits is { PendingRequests: > 0 } limits)
        {
            _mostOpen = (int)limits.PendingRequests;
        }

        Heartbeats.Start(now, TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs), Number / (double)_plan.Population.Links);
        _setStands = _wasLive && welcome.Resumed;
        if (mustName)
        {
            double rate = _wasLive ? _plan.NamesPerSecond : _plan.NamesPerSecond / _plan.Population.Links;
            _naming.Start(now, rate, mustComplete);
        }

        _wasLive = true;
        Changes.OnLive(now, mustName);
        if (_wantsAll)
        {
            Gateway.WatchAll(WatchAllRequest);
        }
    }

    public void OnLost(bool asked, string reason)
    {
        SeesAll = false;
        Queries.OnLost();
        if (!asked)
        {
            _plan.Lost.Add(reason);
        }
    }

    public void OnBatch(ref PresenceBatchReader batch)
    {
        TimeSpan now = _plan.Loop.Now;
        while (batch.Next(out SeenEntry entry))
        {
            // The request comes before the entries, as fields do that are written in the order of their numbers.
            if (batch.RequestId == 0)
            {
                _plan.Judge.Told(Witness, entry, now);
            }
            else
            {
                Queries.Take(batch.RequestId, entry, now);
            }
        }

        if (batch.RequestId != 0 && !batch.More)
        {
            Queries.End(batch.RequestId, now);
        }
    }

    public void OnAck(ulong requestId)
    {
        if (requestId == WatchAllRequest)
        {
            SeesAll = true;
            Witness.Begin(_plan.Changes.Taken);
        }
    }

    public void OnHeldUp(Error error) => _plan.HeldUp.Add(NameOf(error));

    public void OnError(Error error)
    {
        _plan.Errors.Add(NameOf(error));
        if (error.HasRequestId)
        {
            Queries.Refuse(error.RequestId);
        }
    }

    public void Dispose() => Gateway.Dispose();

    private TimeSpan Offset => Tick * (Number / (double)_plan.Population.Links);

    private static string NameOf(Error error) => error.Code.ToString().ToLowerInvariant();

    private void Say(TimeSpan now)
    {
        bool wasNamed = IsNamed;
        _naming.Say(now);
        if (IsNamed && !wasNamed)
        {
            _wasNamed = true;
            _namedBy = Gateway.LastSeq;
            Changes.OnNamed();
        }

        Changes.Say(now);
        Heartbeats.Say(now, _setStands ? _users.Count : _naming.Named);
        Reads.Ask(now, this);
        Gateway.Flush();
    }
}
