using Presence.Client.Connections;
using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>What the sessions of a generator tell it.</summary>
internal interface ISessionEvents
{
    void OnWelcome(Session session, Welcome welcome);

    /// <summary>Welcomed, and every watch answered.</summary>
    void OnUp(Session session);

    /// <summary>It did not come up, or is lost.</summary>
    /// <param name="wasUp">It had come up.</param>
    /// <param name="ending">Its reason is in lower_snake, for counting.</param>
    void OnDown(Session session, bool wasUp, Ending ending);

    /// <param name="isNews">It is newer than what the session's view held.</param>
    void OnEntry(Session session, in SeenEntry entry, bool isNews);

    /// <summary>The entries told since the last call were a page of an answer to a query.</summary>
    /// <param name="isComplete">It was the last page.</param>
    void OnAnswer(Session session, ulong requestId, bool isComplete);

    void OnAck(Session session, ulong requestId, ulong version);

    void OnError(Session session, Error error);
}
