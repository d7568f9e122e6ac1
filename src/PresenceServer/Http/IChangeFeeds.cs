namespace Presence.Server.Http;

/// <summary>Where change feeds read from: the node's own journal, or what all nodes of a cluster share.</summary>
internal interface IChangeFeeds
{
    /// <summary>The text is a cursor, whether it leads anywhere or not.</summary>
    bool IsCursor(string text);

    /// <param name="reader">Who follows.</param>
    /// <param name="after">A cursor to go on at; null: at the end.</param>
    ChangeFeed Open(ChangeReader reader, string? after);
}
