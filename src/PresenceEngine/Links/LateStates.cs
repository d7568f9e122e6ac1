using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// What a link that watches everybody has not been told: the latest state of each user who changed meanwhile, in native memory, because it
/// may be millions.
/// </summary>
internal sealed class LateStates : IDisposable
{
    private readonly Slab<WatchedUser> _users = new();
    private readonly StatusTexts _texts = new();
    private readonly IdIndex<Keys> _index;
    private int _next;

    public LateStates(ulong seed) => _index = new(new Keys(_users), seed);

    public int Count => _index.Count;

    public long Bytes => _users.Bytes + _index.Bytes;

    /// <returns>False when a state of the user was there: it has been coalesced away.</returns>
    public bool Add(in PresenceState state)
    {
        int late = _index.Find(state.UserId);
        bool isNew = late < 0;
        if (isNew)
        {
            late = _users.Allocate();
            _users[late].UserId = state.UserId;
            _index.Add(state.UserId, late);
        }

        ref WatchedUser user = ref _users[late];
        if (isNew || state.Version > user.Version)
        {
            user.Take(state);
            user.Set(WatchedFlags.HasText, _texts.Set(late, state.StatusText));
        }

        return isNew;
    }

    /// <summary>One of the states; the same until it is removed.</summary>
    public bool TryPeek(out PresenceState state)
    {
        if (Count == 0)
        {
            state = default;
            return false;
        }

        // Unused slots have no state. Oldest first as far as slots were not used again.
        while (!_users[_next].Has(WatchedFlags.Known))
        {
            _next = _next + 1 < _users.HighWater ? _next + 1 : 0;
        }

        ref WatchedUser user = ref _users[_next];
        state = user.State(user.Has(WatchedFlags.HasText) ? _texts.Of(_next) : null);
        return true;
    }

    /// <summary>Removes what <see cref="TryPeek"/> found.</summary>
    public void RemovePeeked()
    {
        _texts.Set(_next, null);
        _index.Remove(_users[_next].UserId);
        _users.Free(_next);
    }

    public void Dispose()
    {
        _index.Dispose();
        _users.Dispose();
    }

    private readonly struct Keys(Slab<WatchedUser> users) : IKeyed
    {
        public ulong KeyOf(int index) => users[index].UserId;

        public void Prefetch(int index) => users.Prefetch(index);
    }
}
