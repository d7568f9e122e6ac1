using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// Carries changes to watchers. A change is encoded once and handed to each watcher; more watchers than a turn's budget are served over several turns
/// by a cursor that goes round the slots once from where the newest version found it, always with the newest state.
/// </summary>
internal sealed class Fanout(Shard shard) : IDisposable
{
    private const int Batch = 128;

    private readonly WatchIndex _index = shard.WatchIndex;
    private readonly Dictionary<int, Cursor> _cursors = [];
    private readonly Queue<int> _rounds = new();
    private readonly Stack<Cursor> _spare = new();

    // Not the outbox's scratch: a user's own session among the watchers gets a frame of its own in between.
    private readonly byte[] _update = new byte[UpdateFrame.MaxBytes];

    public int UnderWay => _rounds.Count;

    /// <summary>To how many sessions the last changes were handed.</summary>
    public HandedCounts Handed { get; } = new(shard.Time.WallMs);

    /// <summary>A watched user has a newer state: everybody who watches is to have it.</summary>
    /// <param name="decidedUs">When; see <see cref="Propagation"/>.</param>
    public void Start(int watched, long decidedUs)
    {
        ref WatchedUser user = ref _index[watched];
        if (user.Has(WatchedFlags.InFanout))
        {
            _cursors[watched].GoRoundAgain(decidedUs);
            return;
        }

        user.Set(WatchedFlags.InFanout, true);
        if (!_spare.TryPop(out Cursor? cursor))
        {
            cursor = new Cursor();
        }

        cursor.Begin(user.UserId, decidedUs);
        _cursors[watched] = cursor;
        _rounds.Enqueue(watched);
    }

    /// <summary>Serves watchers until the budget of the turn is used up; users take turns.</summary>
    public void Advance(int budget)
    {
        while (budget > 0 && _rounds.TryDequeue(out int watched))
        {
            // The last watcher may have left meanwhile, and the record may be somebody else's by now.
            if (!_cursors.TryGetValue(watched, out Cursor? cursor))
            {
                continue;
            }

            if (!Stands(watched, cursor))
            {
                Forget(watched, cursor);
                continue;
            }

            int served = Serve(watched, cursor, Math.Min(budget, Batch));
            budget -= Math.Max(1, served);
            if (cursor.IsDone)
            {
                _index[watched].Set(WatchedFlags.InFanout, false);
                shard.Propagation.Served(cursor.DecidedUs);
                Forget(watched, cursor);
            }
            else
            {
                _rounds.Enqueue(watched);
            }
        }
    }

    public void Dispose() => Handed.Dispose();

    private bool Stands(int watched, Cursor cursor) =>
        _index[watched].UserId == cursor.UserId && _index[watched].Count > 0 && _index[watched].Has(WatchedFlags.InFanout);

    private void Forget(int watched, Cursor cursor)
    {
        Remember(cursor);
        _cursors.Remove(watched);
        _spare.Push(cursor);
    }

    private void Remember(Cursor cursor)
    {
        if (cursor.Version != 0)
        {
            Handed.Add(new(cursor.UserId, cursor.Version, cursor.Sessions, cursor.Later));
        }
    }

    private int Serve(int watched, Cursor cursor, int most)
    {
        Span<int> slots = stackalloc int[Batch];
        int count = cursor.Narrow(_index.CopyWatchers(watched, cursor.Next, slots[..most]), slots, most);
        PresenceState state = _index.StateOf(watched);
        if (cursor.Version != state.Version)
        {
            // The rest of the watchers get a newer one than those before.
            Remember(cursor);
            cursor.Count(state.Version);
        }

        ReadOnlySpan<byte> frame = _update.AsSpan(0, UpdateFrame.Write(_update, Alias.Shown(state), Framing.LengthPrefix));
        int prefix = Outbox.PrefixOf(frame);
        foreach (int slot in slots[..count])
        {
            cursor.Add(Deliver(shard.Connections[slot], watched, state, frame, prefix));
        }

        return count;
    }

    /// <returns>False when the watcher has to read first.</returns>
    private bool Deliver(ConnectionPort watcher, int watched, in PresenceState state, ReadOnlySpan<byte> frame, int prefix)
    {
        if (watcher.Has(ConnectionFlags.Congested))
        {
            shard.Counters.DeliveriesCoalesced += shard.Congestion.Remember(watcher, watched) ? 0 : 1;
            return false;
        }

        shard.Counters.Deliveries++;
        if (watcher.UserId == state.UserId)
        {
            shard.Watching.SendOwn(watcher, state);
            return true;
        }

        shard.Outbox.Send(watcher, frame, prefix);
        return true;
    }

    private sealed class Cursor
    {
        private int _until;
        private bool _wraps;

        public ulong UserId { get; private set; }

        /// <summary>The slot to go on from.</summary>
        public int Next { get; private set; }

        public bool IsDone { get; private set; }

        /// <summary>The state that is being handed out, and to how many it was; 0 before the first.</summary>
        public ulong Version { get; private set; }

        public int Sessions { get; private set; }

        /// <summary>Watchers who have to read first.</summary>
        public int Later { get; private set; }

        /// <summary>When the newest state was decided.</summary>
        public long DecidedUs { get; private set; }

        public void Begin(ulong userId, long decidedUs)
        {
            (UserId, DecidedUs) = (userId, decidedUs);
            Count(version: 0);
            Next = 0;
            IsDone = false;
            _wraps = false;
            _until = int.MaxValue;
        }

        /// <summary>Counts from here on for another state.</summary>
        public void Count(ulong version) => (Version, Sessions, Later) = (version, 0, 0);

        public void Add(bool handed)
        {
            Sessions += handed ? 1 : 0;
            Later += handed ? 0 : 1;
        }

        /// <summary>Those served so far have an old state: after the end go on from 0 to here.</summary>
        public void GoRoundAgain(long decidedUs)
        {
            DecidedUs = decidedUs;
            _wraps = Next > 0;
            _until = _wraps ? Next : int.MaxValue;
        }

        /// <summary>Leaves of a batch what the round still wants and moves on.</summary>
        public int Narrow(int copied, ReadOnlySpan<int> slots, int asked)
        {
            bool atEnd = copied < asked;
            if (!_wraps && _until != int.MaxValue)
            {
                int within = 0;
                while (within < copied && slots[within] < _until)
                {
                    within++;
                }

                IsDone = atEnd || within < copied;
                copied = within;
            }
            else if (atEnd && _wraps)
            {
                _wraps = false;
                Next = 0;
                return copied;
            }
            else
            {
                IsDone = atEnd;
            }

            Next = copied > 0 ? slots[copied - 1] + 1 : Next;
            return copied;
        }
    }
}
