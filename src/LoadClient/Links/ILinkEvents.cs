using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>What a gateway link tells the one who drives it.</summary>
internal interface ILinkEvents
{
    /// <summary>Welcomed.</summary>
    /// <param name="mustName">The gateway, or the server, does not know the set: it is to be named in full.</param>
    /// <param name="mustComplete">The server waits for SessionsComplete after that.</param>
    void OnLive(GatewayWelcome welcome, bool mustName, bool mustComplete);

    /// <summary>The connection is lost.</summary>
    /// <param name="asked">By <see cref="GatewayLink.Drop"/>.</param>
    /// <param name="reason">In lower_snake, for counting.</param>
    void OnLost(bool asked, string reason);

    void OnBatch(ref PresenceBatchReader batch);

    void OnAck(ulong requestId);

    /// <summary>The server asked for a pause, or for frames once more: the link sees to it.</summary>
    void OnHeldUp(Error error);

    /// <summary>Anything else that the server complains of.</summary>
    void OnError(Error error);
}
