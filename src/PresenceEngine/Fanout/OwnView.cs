using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>What users are told of themselves: the same as everybody, but that they are invisible, which others must not know.</summary>
internal sealed class OwnView(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly WatchIndex _index = shard.WatchIndex;

    /// <param name="asker">Who is told; its sessions are on this shard.</param>
    /// <param name="state">What is shown of any user.</param>
    /// <param name="isInvisible">What the asker's home said of the asker; holds only while our own table does not know.</param>
    public PresenceState Of(ulong asker, in PresenceState state, bool isInvisible = false)
    {
        if (asker != state.UserId)
        {
            return state;
        }

        int entry = _users.Find(asker);
        if (entry >= 0 && !_users[entry].Has(UserFlags.Loading))
        {
            // Of a user whose home is elsewhere our table knows what the home has said so far.
            isInvisible = _users[entry].Has(UserFlags.Invisible) || (isInvisible && _users[entry].Has(UserFlags.Elsewhere));
        }

        return isInvisible ? state with { Status = Status.Invisible, LastActiveMs = PresenceState.NoTime } : state;
    }

    /// <summary>The user has made a choice that nobody else can see: its sessions that watch it are told, under the version they have.</summary>
    public void Tell(int entry)
    {
        int watched = _index.Find(_users[entry].UserId);
        if (watched < 0 || !_index[watched].Has(WatchedFlags.Known))
        {
            return;
        }

        foreach (int node in _users.DevicesOf(entry))
        {
            int slot = _users.DeviceAt(node).Connection;
            if (slot >= 0 && shard.Connections[slot] is var connection && _index.IsWatchedBy(watched, connection))
            {
                Tell(connection, watched);
            }
        }
    }

    private void Tell(ConnectionPort connection, int watched)
    {
        if (connection.Has(ConnectionFlags.Congested))
        {
            shard.Congestion.Remember(connection, watched);
        }
        else
        {
            shard.Watching.SendState(connection, watched);
        }
    }
}
