using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>The first frame of a gateway link.</summary>
/// <param name="Gateway">Stands for the gateway's id.</param>
/// <param name="StartsAnew">It does not know its set any more.</param>
internal sealed record GatewayHelloSays(int Gateway, bool StartsAnew) : ClientSays;

/// <summary>SessionsUp, SessionsBeat or SessionsDown.</summary>
internal sealed record SessionsSays(ulong Seq, LinkVerb Verb, ulong[] UserIds) : ClientSays
{
    public Status Status { get; init; }

    public DeviceKinds Kinds { get; init; }
}

internal sealed record CompleteSays(ulong Seq) : ClientSays;

internal sealed record WatchAllSays(ulong RequestId) : ClientSays;
