namespace Presence.Engine;

/// <summary>
/// The end of recovery for those nobody asks about. When d + 4δ are over the store is walked for users who were online before the restart, and who is not in
/// memory is loaded and judged as if somebody had asked. That the walk met a user is only the reason to look: what has become of it since is in its record by
/// the time it is loaded (<see cref="Recovery"/>). A process that is killed on the way leaves the rest recorded as they were, for the next one to begin anew.
/// </summary>
internal sealed class RecoverySweep
{
    /// <summary>
    /// Users of a shard who are loaded in a tick: 82,000 a second. A lane of the journal holds two seconds of that for a disk that does not answer (4 MiB), before it
    /// keeps only the newest of each user, and a link that watches everybody is told 2 MB/s by a shard. 100 million users on two shards take ten minutes; whoever
    /// asks before is told the truth.
    /// </summary>
    public const int UsersPerTick = 8_192;

    // A fraction of a turn: each is read, settled, stored, journaled and broadcast.
    private const int UsersPerTurn = 1_024;

    private readonly Shard _shard;

    // Null: it is over, or there was nothing to recover.
    private Walk? _walk;
    private bool _accepts;
    private bool _isAsked;

    // Of the slice: who comes next.
    private int _next;

    // Users who may still be loaded in this tick.
    private uint _tick;
    private int _left;

    public RecoverySweep(Shard shard)
    {
        _shard = shard;
        _walk = shard.Store.MaxVersion != 0 ? new Walk(shard) : null;
    }

    /// <summary>There is more to do at once.</summary>
    public bool HasWork { get; private set; }

    /// <summary>The node accepts: from now on users may come back, and their time runs.</summary>
    public void BeginAccepting() => _accepts = true;

    /// <summary>Does a part, once nobody recovers any more.</summary>
    public void Advance()
    {
        HasWork = false;
        if (_walk is not { } walk || _isAsked || !_accepts || _shard.IsRecovering || IsHolding || _shard.IsStopping)
        {
            return;
        }

        BeginTick();
        Judge(walk.Records);
        if (_next < walk.Records.Length || _left == 0)
        {
            HasWork = _left > 0;
            return;
        }

        GoOn(walk);
    }

    // Whom the cluster holds would be met one by one, and held.
    private bool IsHolding => _shard.Nodes is { } nodes && (nodes.Warming.IsUnderWay || nodes.Warming.Gone.UntilMs > _shard.Time.Now);

    private void BeginTick()
    {
        if (_shard.Time.Tick != _tick)
        {
            _tick = _shard.Time.Tick;
            _left = UsersPerTick;
        }
    }

    private void Judge(ReadOnlySpan<UserRecord> records)
    {
        for (int left = Math.Min(_left, UsersPerTurn); left > 0 && _next < records.Length; _next++)
        {
            ulong userId = records[_next].UserId;
            // Of who has another home our record is of a time before; what has become of it since is not ours to say.
            if (_shard.Users.Find(userId) >= 0 || !_shard.Routing.IsHere(userId))
            {
                continue;
            }

            if (!Recovery.TryJudge(_shard, userId))
            {
                _left = 0;
                return;
            }

            left--;
            _left--;
        }
    }

    private void GoOn(Walk walk)
    {
        if (walk.IsOver)
        {
            _walk = null;
            return;
        }

        _next = 0;
        _isAsked = true;
        _shard.Store.Walk(walk);
    }

    private void Answered()
    {
        _isAsked = false;
        // What could not be looked at is asked for again a tick later.
        _left = _walk!.Failed ? 0 : _left;
    }

    /// <summary>Over the users of the shard.</summary>
    private sealed class Walk(Shard shard) : PresentWalk
    {
        private readonly Answer _answer = new();

        public override bool Wants(ulong userId) => shard.Topology.EdgeOf(userId) == shard.Address.Shard;

        public override void Complete() => shard.Inbox.PostAnswer(_answer);
    }

    private sealed class Answer : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.RecoverySweep.Answered();
    }
}
