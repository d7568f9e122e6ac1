using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// The links of this shard that watch everybody. The changes of a batch are encoded once for all of them; a link that is behind gets the
/// latest state of each user when it reads again, and until it has caught up everything goes that way, so that no version overtakes a newer
/// one.
/// </summary>
internal sealed class WatchAllLinks(Shard shard) : IDisposable
{
    private readonly List<Watcher> _watchers = [];
    private readonly byte[] _page = new byte[PresencePage.BufferBytes(shard.Options.MaxFrameBytes)];

    public int Count => _watchers.Count;

    public bool IsWatching(ConnectionPort connection) => Find(connection) >= 0;

    /// <summary>Users whose latest state a link has not been told.</summary>
    public int LateOf(ConnectionPort connection) => Find(connection) is >= 0 and var at ? _watchers[at].Late?.Count ?? 0 : 0;

    public void Add(ConnectionPort connection)
    {
        if (!IsWatching(connection))
        {
            _watchers.Add(new Watcher(connection));
        }
    }

    public void Remove(ConnectionPort connection)
    {
        if (Find(connection) is >= 0 and var at)
        {
            _watchers[at].Late?.Dispose();
            _watchers.RemoveAt(at);
        }
    }

    /// <summary>Homes have changed these users.</summary>
    public void Changed(ReadOnlySpan<PresenceState> states)
    {
        if (_watchers.Count == 0)
        {
            return;
        }

        bool anyCurrent = false;
        for (int i = _watchers.Count - 1; i >= 0; i--)
        {
            if (_watchers[i].IsBehind)
            {
                Remember(_watchers[i], states);
            }
            else
            {
                anyCurrent = true;
            }
        }

        if (anyCurrent)
        {
            WriteToCurrent(states);
        }
    }

    /// <summary>Tells links that read again what they have missed, within the budget of a turn.</summary>
    /// <returns>False when there is more that could be told at once.</returns>
    public bool Advance()
    {
        bool done = true;
        foreach (Watcher watcher in _watchers)
        {
            done &= watcher.Late is null || watcher.Connection.Has(ConnectionFlags.Congested) || CatchUp(watcher);
        }

        return done;
    }

    public void Dispose()
    {
        foreach (Watcher watcher in _watchers)
        {
            watcher.Late?.Dispose();
        }
    }

    private void WriteToCurrent(ReadOnlySpan<PresenceState> states)
    {
        while (!states.IsEmpty)
        {
            PresencePage page = NewPage();
            int taken = 0;
            while (taken < states.Length && page.TryAdd(states[taken]))
            {
                taken++;
            }

            states = states[taken..];
            ReadOnlySpan<byte> frame = page.Complete(more: false);
            foreach (Watcher watcher in _watchers)
            {
                if (!watcher.IsBehind)
                {
                    shard.Counters.Deliveries += taken;
                    shard.Outbox.Send(watcher.Connection, frame, Outbox.PrefixOf(frame));
                }
            }
        }
    }

    private void Remember(Watcher watcher, ReadOnlySpan<PresenceState> states)
    {
        watcher.Late ??= new LateStates((ulong)shard.Random.NextInt64());
        foreach (ref readonly PresenceState state in states)
        {
            shard.Counters.DeliveriesCoalesced += watcher.Late.Add(state) ? 0 : 1;
        }

        if (watcher.Late.Count > shard.Options.MaxLateUsers)
        {
            shard.Counters.SlowConsumers++;
            shard.Counters.Limits.Hit(LimitHits.LateUsers);
            shard.Edge.Close(watcher.Connection, CloseCode.SlowConsumer);
        }
    }

    private bool CatchUp(Watcher watcher)
    {
        LateStates late = watcher.Late!;
        for (int left = shard.Options.Budget.LateEntries; left > 0 && late.Count > 0;)
        {
            PresencePage page = NewPage();
            while (page.Count < left && late.TryPeek(out PresenceState state) && page.TryAdd(state))
            {
                late.RemovePeeked();
            }

            left -= page.Count;
            shard.Counters.Deliveries += page.Count;
            ReadOnlySpan<byte> frame = page.Complete(more: false);
            shard.Outbox.Send(watcher.Connection, frame, Outbox.PrefixOf(frame));
        }

        if (late.Count > 0)
        {
            return false;
        }

        late.Dispose();
        watcher.Late = null;
        return true;
    }

    private PresencePage NewPage() => new(_page, shard.Options.MaxFrameBytes, Framing.LengthPrefix, requestId: null, snapshot: false);

    private int Find(ConnectionPort connection) => _watchers.FindIndex(watcher => watcher.Connection == connection);

    private sealed class Watcher(ConnectionPort connection)
    {
        public ConnectionPort Connection => connection;

        /// <summary>What it has not been told; null when it is up to date.</summary>
        public LateStates? Late { get; set; }

        public bool IsBehind => Late is not null || connection.Has(ConnectionFlags.Congested);
    }
}
