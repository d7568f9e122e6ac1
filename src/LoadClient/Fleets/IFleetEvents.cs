using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Fleets;

/// <summary>What a fleet tells its scenario; a scenario hears what it needs.</summary>
internal interface IFleetEvents
{
    /// <summary>A session was welcomed; its watches are not answered yet.</summary>
    /// <param name="isReturn">It had been welcomed before.</param>
    void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
    }

    void OnUp(Session session)
    {
    }

    /// <summary>A session that was up is lost, and nobody dropped it on purpose.</summary>
    void OnLost(Session session)
    {
    }

    /// <param name="isNews">It is newer than what the session's view held.</param>
    void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
    }

    /// <summary>All entries of an answer to a query have been told.</summary>
    void OnAnswered(Session session, ulong requestId)
    {
    }

    void OnAck(Session session, ulong requestId, ulong version)
    {
    }

    /// <summary>The server refused a request.</summary>
    void OnRefused(Session session, ulong requestId)
    {
    }
}
