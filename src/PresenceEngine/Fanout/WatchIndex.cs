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
    private readonly ulong _recovered;

    /// <param name="seed">Secret.</param>
    /// <param name="connections">All that watch.</param>
    /// <param name="recovered">The highest version of the process before; 0 when there was none.</param>
    public WatchIndex(ulong seed, Connections connections, ulong recovered = 0)
    {
        _recovered = recovered;
        _index = new(new Keys(_users), seed);
        _watchers = new(_users);
        _lists = new(connections);
    }

    /// <summary>Users watched by at least one connection.</summary>
    public int Users => _index.Count;

    public long Watches { get; private set; }

    /// <summary>Users who are <see cref="WatchedUser.IsUnheard"/>.</summary>
    public int Unheard { get; private set; }

    /// <summary>Bound of a walk over all records, used or not.</summary>
    public int HighWater => _users.HighWater;

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

        Unheard -= user.IsUnheard ? 1 : 0;
        user.Take(state);
        user.Set(WatchedFlags.HasText, _texts.Set(watched, state.StatusText));
        return true;
    }

    /// <summary>Nobody can say anything of a user of whom nothing was heard before.</summary>
    public void SetUnheard(int watched)
    {
        ref WatchedUser user = ref _users[watched];
        Unheard += user.IsUnheard ? 0 : 1;
        user.SetUnheard();
    }

    /// <summary>
    /// The newest state. Under a version of before the start it is no update unless watchers were told UNKNOWN first; what they hold then may be of a version
    /// that a crash has lost and nobody here knows of, so they are to forget it.
    /// </summary>
    public PresenceState StateOf(int watched)
    {
        ref WatchedUser user = ref _users[watched];
        PresenceState state = user.State(user.Has(WatchedFlags.HasText) ? _texts.Of(watched) : null);
        state.Reset = user.Version <= _recovered && _recovered != 0;
        return state;
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
        bool wasUnheard = _users[watched].IsUnheard;
        _watchers.Remove(watched, slot);
        Watches--;
        ref WatchedUser user = ref _users[watched];
        if (user.Count == 0)
        {
            Unheard -= wasUnheard ? 1 : 0;
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
