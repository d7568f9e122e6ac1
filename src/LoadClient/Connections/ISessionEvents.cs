using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>What the sessions of a scenario tell it.</summary>
internal interface ISessionEvents
{
    /// <summary>Welcomed, and every watch answered.</summary>
    void OnUp(Session session, Limits limits);

    /// <summary>It did not come up, or is lost.</summary>
    /// <param name="wasUp">It had come up.</param>
    /// <param name="reason">In lower_snake, for counting.</param>
    void OnDown(Session session, bool wasUp, string reason);

    void OnEntry(Session session, in SeenEntry entry);

    void OnAck(Session session, ulong requestId, ulong version);

    void OnError(Session session, Error error);
}
