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

    /// <summary>Asked of each session that is lost: whether it stays away for ever, though every client would come back.</summary>
    bool StaysAway(Session session) => false;

    /// <summary>The server said when a session that it refused or closed is to come back.</summary>
    void OnPaced(Session session, TimeSpan at)
    {
    }

    /// <param name="isNews">It is newer than what the session's view held.</param>
    void OnEntry(Session session, in SeenEntry entry, bool isNews)
    {
    }

    /// <inheritdoc cref="ISessionEvents.OnAnswer"/>
    void OnAnswer(Session session, ulong requestId, bool isComplete)
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
