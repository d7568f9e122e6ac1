using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Scenarios.Celebrity;

/// <summary>The one that all watch: user 0 of its own truth.</summary>
internal sealed class Star : IFleetEvents
{
    public Truth Truth { get; } = new(users: 1);

    public FlipLog Flips { get; } = new();

    public void OnWelcome(Session session, Welcome welcome, bool isReturn)
    {
        if (isReturn)
        {
            Truth.Returned(0);
        }
    }

    public void OnLost(Session session) => Truth.Forget(0);

    public void OnAck(Session session, ulong requestId, ulong version)
    {
        Truth.Acked(0, version);
        Flips.Acked(requestId, version);
    }

    public void OnRefused(Session session, ulong requestId) => Truth.Refused(0);
}
