using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Fleets;

/// <summary>What the fleets of a run have in common.</summary>
/// <param name="Random">Spreads their heartbeats and their coming back.</param>
internal sealed record FleetPlan(EventLoop Loop, Servers Servers, UserTokens Tokens, Random Random);
