using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What watchers were told of users, by a home before this one, who are being loaded because of that.</summary>
internal sealed class ToldStates
{
    private readonly Dictionary<ulong, PresenceState> _states = [];

    // Users who were invisible, as of a version.
    private readonly Dictionary<ulong, ulong> _hidden = [];

    public void Add(in PresenceState state) => _states[state.UserId] = state;

    public void Forget(ulong userId) => _states.Remove(userId);

    /// <summary>The user's home is another by now.</summary>
    public void Drop(ulong userId)
    {
        _states.Remove(userId);
        _hidden.Remove(userId);
    }

    public void AddHidden(ulong userId, ulong version) => _hidden[userId] = Math.Max(version, _hidden.GetValueOrDefault(userId));

    /// <returns>Whether the user is invisible though its record, of that version, does not say so.</returns>
    public bool TakeHidden(ulong userId, ulong stored) => _hidden.Remove(userId, out ulong version) && version >= stored;

    /// <summary>A record as it would be if what was told had been stored, should that be newer.</summary>
    public UserRecord Newer(ulong userId, in UserRecord stored)
    {
        if (!_states.Remove(userId, out PresenceState told) || told.Version <= stored.Version)
        {
            return stored;
        }

        // It was there when that was said; since then nobody knows.
        long saidMs = VersionClock.MsOf(told.Version);
        return Records.Of(told with { LastActiveMs = saidMs }, Math.Max(saidMs, stored.TrueLastActiveMs), Records.IsInvisible(stored));
    }
}
