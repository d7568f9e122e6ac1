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

    /// <param name="kinds">Of <see cref="KindsOf"/>.</param>
    /// <param name="firstUser">The user of the first attacker; the others follow.</param>
    public Crowd(AttackPlan plan, IReadOnlyList<Attack> kinds, int attackers, ulong firstUser)
    {
        _plan = plan;
        _counts = kinds.ToDictionary(static kind => kind, static _ => new AttackCounts());
        _attackers =
        [
            .. Enumerable.Range(0, attackers).Select(n =>
                new Attacker(n, firstUser + (ulong)n, kinds[n % kinds.Count], _counts[kinds[n % kinds.Count]], plan)),
        ];
    }

    /// <summary>The kinds that can be told apart by name; without a WebSocket listener, those over TCP.</summary>
    /// <param name="names">Those that are wanted; none: all.</param>
    /// <exception cref="ArgumentException">One of the names is that of no kind, or needs a listener that is not there.</exception>
    public static IReadOnlyList<Attack> KindsOf(IReadOnlyCollection<string> names, bool withWebSocket)
    {
        Attack[] all = [.. _overTcp, .. withWebSocket ? _overWebSocket : []];
        string? stranger = names.FirstOrDefault(name => Array.TrueForAll(all, kind => kind.Name != name));
        return stranger is null
            ? [.. all.Where(kind => names.Count == 0 || names.Contains(kind.Name))]
            : throw new ArgumentException(
                $"'{stranger}' is no attack{(withWebSocket ? "" : " over TCP")}; there are {string.Join(", ", all.Select(static kind => kind.Name))}.");
    }

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
