using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// Who on this shard watches whom: one record a watched user, shared by its watchers, and a list a connection. The record's state answers further
/// watches at once and keeps old versions from reaching anybody.
/// </summary>
internal sealed class WatchIndex : IDisposable
{
    private readonly Slab<WatchedUser> _users = new();
    private readonly IdIndex<Keys> _index;
    private readonly WatcherSets _watchers;
    private readonly WatchLists _lists;
    private readonly StatusTexts _texts = new();

    /// <param name="seed">Secret.</param>
    /// <param name="connections">All that watch.</param>
    public WatchIndex(ulong seed, Connections connections)
    {
        _index = new(new Keys(_users), seed);
        _watchers = new(_users);
        _lists = new(connections);
    }

    /// <summary>Users watched by at least one connection.</summary>
    public int Users => _index.Count;

    public long Watches { get; private set; }

    /// <summary>Of all that is known of watches.</summary>
    public long Bytes => _users.Bytes + _index.Bytes + _watchers.Bytes + _lists.Bytes;

    public ref WatchedUser this[int watched] => ref _users[watched];

    /// <summary>The record of a watched user, or -1.</summary>
    public int Find(ulong userId) => _index.Find(userId);

    /// <summary>Adds a watch.</summary>
    /// <returns>False when the connection watched the user already.</returns>
    public bool Add(ConnectionPort connection, ulong userId, out int watched)
    {
        watched = _index.Find(userId);
        if (watched < 0)
        {
            watched = _users.Allocate();
            _users[watched].UserId = userId;
            _index.Add(userId, watched);
        }

        if (!_watchers.Add(watched, connection.Slot))
        {
            return false;
        }

        _lists.Add(connection, watched);
        Watches++;
        return true;
    }

    public bool Remove(ConnectionPort connection, ulong userId)
    {
        int watched = _index.Find(userId);
        if (watched < 0 || !_lists.Remove(connection, watched))
        {
            return false;
        }

        connection.Dirty?.Remove(watched);
        RemoveWatcher(watched, connection.Slot);
        return true;
    }

    public void RemoveAll(ConnectionPort connection)
    {
        foreach (int watched in _lists.Of(connection))
        {
            RemoveWatcher(watched, connection.Slot);
        }

        _lists.Clear(connection);
    }

    public bool IsWatchedBy(int watched, ConnectionPort connection) => _lists.Of(connection).Contains(watched);

    /// <summary>Takes a state if it is newer than what is known.</summary>
    /// <returns>True when it was.</returns>
    public bool Learn(int watched, in PresenceState state)
    {
        ref WatchedUser user = ref _users[watched];
        if (user.Has(WatchedFlags.Known) && state.Version <= user.Version)
        {
            return false;
        }

        user.Take(state);
        user.Set(WatchedFlags.HasText, _texts.Set(watched, state.StatusText));
        return true;
    }

    public PresenceState StateOf(int watched)
    {
        ref WatchedUser user = ref _users[watched];
        return user.State(user.Has(WatchedFlags.HasText) ? _texts.Of(watched) : null);
    }

    /// <summary>The slots of watchers from <paramref name="fromSlot"/> upwards, ascending.</summary>
    public int CopyWatchers(int watched, int fromSlot, Span<int> into) => _watchers.Copy(watched, fromSlot, into);

    public void Dispose()
    {
        _index.Dispose();
        _lists.Dispose();
        _watchers.Dispose();
        _users.Dispose();
    }

    private void RemoveWatcher(int watched, int slot)
    {
        _watchers.Remove(watched, slot);
        Watches--;
        ref WatchedUser user = ref _users[watched];
        if (user.Count == 0)
        {
            _texts.Set(watched, null);
            _index.Remove(user.UserId);
            _users.Free(watched);
        }
    }

    private readonly struct Keys(Slab<WatchedUser> users) : IKeyed
    {
        public ulong KeyOf(int index) => users[index].UserId;

        public void Prefetch(int index) => users.Prefetch(index);
    }
}
