namespace Presence.LoadClient.Attacks;

/// <summary>Attackers of every kind, as many of each. They have a thread of their own: what they do to themselves is no delay of those who are measured.</summary>
internal sealed class Crowd : IDisposable
{
    private static readonly Attack[] _overTcp =
    [
        new Silence(), new Drip(), new Garbage(), new GiantFrame(), new Forgery(), new ForgedResume(), new Churn(),
        new HeartbeatFlood(), new WatchFlood(), new QueryFlood(), new DeafWatcher(), new DeafBabbler(), new StatusFlood(), new HelloFlood(),
        new DeviceFlood(),
    ];

    private static readonly Attack[] _overWebSocket = [new UpgradeDrip(), new HeaderFlood(), new Unmasked(), new PingFlood(), new Fragments()];

    /// <summary>About as long as a server waits for a Hello, and the second until who was cut comes again.</summary>
    private static readonly TimeSpan _arrival = TimeSpan.FromSeconds(6);

    private readonly AttackPlan _plan;
    private readonly Dictionary<Attack, AttackCounts> _counts;
    private readonly Attacker[] _attackers;
    private readonly CancellationTokenSource _enough = new();
    private Task _work = Task.CompletedTask;

    /// <param name="kinds">Of <see cref="Kinds"/>.</param>
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

    /// <summary>All kinds; without a WebSocket listener, those over TCP.</summary>
    public static IReadOnlyList<Attack> Kinds(bool withWebSocket) => [.. _overTcp, .. withWebSocket ? _overWebSocket : []];

    /// <summary>After <see cref="Stop"/>.</summary>
    public IReadOnlyDictionary<Attack, AttackCounts> Counts => _counts;

    public int Attackers => _attackers.Length;

    /// <summary>All begin, one after another: those who are cut at the same age then come at a steady rate, not as one wave that goes round.</summary>
    public void Start() => _work = Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning);

    /// <summary>All are gone, and counted, when it returns.</summary>
    public void Stop()
    {
        _enough.Cancel();
        _work.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Stop();
        _enough.Dispose();
        _plan.Loop.Dispose();
    }

    private void Work()
    {
        for (int n = 0; n < _attackers.Length; n++)
        {
            _plan.Loop.Schedule(_attackers[n], _plan.Loop.Now + (_arrival * n / _attackers.Length));
        }

        _plan.Loop.RunUntil(() => _enough.IsCancellationRequested, CancellationToken.None);
        Array.ForEach(_attackers, static attacker => attacker.Dispose());
    }
}
