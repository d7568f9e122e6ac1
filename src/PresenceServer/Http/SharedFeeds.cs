using Presence.Server.Admin;
using Presence.Server.Cluster;
using Presence.Server.Storage.Journal;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Http;

/// <summary>Feeds of a member of a cluster: the same at every node.</summary>
internal sealed class SharedFeeds(SharedChanges changes, SharedSnapshot snapshot, INodeDirectory nodes, Joining joining, TimeProvider time) : IChangeFeeds
{
    private readonly string _cluster = joining.Identity.Name;

    // One of a node that was alone is a cursor too, of something that is not here.
    public bool IsCursor(string text) => SharedCursor.TryParse(text, out _) || JournalPosition.TryParse(text, out _);

    public ChangeFeed Open(ChangeReader reader, string? after)
    {
        SharedCursor? cursor = null;
        if (after is not null)
        {
            cursor = SharedCursor.TryParse(after, out SharedCursor parsed) ? parsed : new SharedCursor("", after);
        }

        return new SharedFeed(reader, changes, snapshot, nodes, _cluster, cursor, time);
    }
}
