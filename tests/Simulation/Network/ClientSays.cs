using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>A frame of a client, as its reader at the server understands it.</summary>
internal abstract record ClientSays;

internal sealed record HelloSays(ulong UserId, ulong DeviceKey, Status InitialStatus, DeviceKinds Kind) : ClientSays
{
    public bool ReportsActivity { get; init; }

    public ulong PresentedSession { get; init; }

    /// <summary>Unix ms.</summary>
    public long TokenExpiresMs { get; init; }

    public TokenMark Token { get; init; }
}

internal sealed record BeatSays(HeartbeatFlags Flags) : ClientSays;

internal sealed record StatusSays(ulong RequestId, Status Status, byte[]? Text) : ClientSays;

internal sealed record WatchSays(ulong RequestId, ulong[] UserIds, ulong[] Versions) : ClientSays
{
    public override string ToString() => $"Watch {RequestId}: {string.Join(", ", UserIds.Zip(Versions, (user, version) => $"{user} from {version}"))}";
}

internal sealed record UnwatchSays(ulong RequestId, ulong[] UserIds) : ClientSays;

internal sealed record QuerySays(ulong RequestId, ulong[] UserIds) : ClientSays;

internal sealed record RefreshSays(ulong RequestId, long TokenExpiresMs, TokenMark Token) : ClientSays;

internal sealed record GoodbyeSays : ClientSays;

/// <summary>The end of the stream: it was closed, or reset.</summary>
internal sealed record EndSays : ClientSays;
