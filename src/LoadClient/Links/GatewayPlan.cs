using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Links;

/// <summary>What the gateway links of a run have in common.</summary>
/// <param name="Servers">Where to.</param>
/// <param name="Tokens">What admits them.</param>
/// <param name="Name">The first part of each gateway's id; two runs at a time need different ones.</param>
internal sealed record GatewayPlan(EventLoop Loop, Servers Servers, UserTokens Tokens, string Name);
