namespace Presence.LoadClient.Attacks;

/// <summary>Attackers of every kind, as many of each.</summary>
internal sealed class Crowd
{
    private static readonly Attack[] _overTcp =
    [
        new Silence(), new Drip(), new Garbage(), new GiantFrame(), new Forgery(), new ForgedResume(), new Churn(),
        new HeartbeatFlood(), new WatchFlood(), new QueryFlood(), new DeafWatcher(), new DeafBabbler(), new StatusFlood(), new HelloFlood(),
        new DeviceFlood(),
    ];

    private static readonly Attack[] _overWebSocket = [new UpgradeDrip(), new HeaderFlood(), new Unmasked(), new PingFlood(), new Fragments()];

    private readonly AttackPlan _plan;
    private readonly Dictionary<Attack, AttackCounts> _counts;
    private readonly Attacker[] _attackers;

    /// <param name="firstUser">The user of the first attacker; the others follow.</param>
    public Crowd(AttackPlan plan, int attackers, ulong firstUser)
    {
        _plan = plan;
        Attack[] kinds = [.. _overTcp, .. plan.WebSocket is null ? [] : _overWebSocket];
        _counts = kinds.ToDictionary(static kind => kind, static _ => new AttackCounts());
        _attackers =
        [
            .. Enumerable.Range(0, attackers).Select(n =>
                new Attacker(n, firstUser + (ulong)n, kinds[n % kinds.Length], _counts[kinds[n % kinds.Length]], plan)),
        ];
    }

    /// <summary>How many attackers it takes for one of each kind.</summary>
    public static int Kinds(bool withWebSocket) => _overTcp.Length + (withWebSocket ? _overWebSocket.Length : 0);

    public IReadOnlyDictionary<Attack, AttackCounts> Counts => _counts;

    public int Attackers => _attackers.Length;

    /// <summary>All begin, spread over a second.</summary>
    public void Start()
    {
        for (int n = 0; n < _attackers.Length; n++)
        {
            _plan.Loop.Schedule(_attackers[n], _plan.Loop.Now + TimeSpan.FromSeconds((double)n / _attackers.Length));
        }
    }

    public void Stop() => Array.ForEach(_attackers, static attacker => attacker.Dispose());
}
