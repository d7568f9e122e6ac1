using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client shows of others, over all its connections: the highest version wins, in whatever order entries arrive.</summary>
internal sealed class ClientView
{
    private readonly Dictionary<ulong, (ulong Version, Shown Shown)> _known = [];

    public (ulong Version, Shown Shown)? this[ulong userId] => _known.TryGetValue(userId, out (ulong Version, Shown Shown) known) ? known : null;

    public ulong VersionOf(ulong userId) => this[userId]?.Version ?? 0;

    public void Take(PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            if (entry.Reset || entry.Version >= VersionOf(entry.UserId))
            {
                _known[entry.UserId] = (entry.Version, Shown.Of(entry));
            }
        }
    }
}
