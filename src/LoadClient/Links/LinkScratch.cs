using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>Room for the users of one frame, shared by all links of the thread.</summary>
internal sealed class LinkScratch
{
    /// <summary>In one frame.</summary>
    public const int Ids = ProtocolLimits.MaxLinkIds;

    public ulong[] UserIds { get; } = new ulong[Ids];

    public Status[] Statuses { get; } = new Status[Ids];
}
