using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client shows of others, over all its connections: the highest version wins, in whatever order entries arrive.</summary>
internal sealed class ClientView
{
    private readonly Dictionary<ulong, (ulong Version, Shown Shown)> _known = [];

    // Users of whom the last word was UNKNOWN.
    private readonly HashSet<ulong> _stale = [];

    public (ulong Version, Shown Shown)? this[ulong userId] => _known.TryGetValue(userId, out (ulong Version, Shown Shown) known) ? known : null;

    public ulong VersionOf(ulong userId) => this[userId]?.Version ?? 0;

    /// <summary>What a Watch says: nothing is known of whom the last word was UNKNOWN, or the server would take it for known and be silent.</summary>
    public ulong NamedVersionOf(ulong userId) => _stale.Contains(userId) ? 0 : VersionOf(userId);

    public void Take(PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            bool ends = _stale.Remove(entry.UserId);
            if (entry.Status == Status.Unknown)
            {
                _stale.Add(entry.UserId);
            }

            // What is held may be of a version that a crash has lost: the word after UNKNOWN holds whatever its version.
            if (entry.Reset || (ends && entry.Status != Status.Unknown) || entry.Version >= VersionOf(entry.UserId))
            {
                _known[entry.UserId] = (entry.Version, Shown.Of(entry));
            }
        }
    }
}
