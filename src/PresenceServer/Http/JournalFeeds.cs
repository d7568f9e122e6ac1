using Presence.Server.Configuration;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Http;

/// <summary>Feeds of a node that is alone.</summary>
internal sealed class JournalFeeds(DiskJournal journal, ChangeSnapshot snapshot, PresenceConfiguration configuration, TimeProvider time) : IChangeFeeds
{
    public bool IsCursor(string text) => JournalPosition.TryParse(text, out _);

    public ChangeFeed Open(ChangeReader reader, string? after)
    {
        JournalPosition? position = after is not null && JournalPosition.TryParse(after, out JournalPosition parsed) ? parsed : null;
        return new JournalFeed(reader, journal, snapshot, configuration.Shards, position, time);
    }
}
