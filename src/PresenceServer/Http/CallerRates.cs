using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport;

namespace Presence.Server.Http;

/// <summary>
/// How much each user has asked over HTTP lately: a request has no session whose rate it could count for. Who is known as a service by the scope of its token asks for many and is not counted. Any thread.
/// </summary>
internal sealed class CallerRates(PresenceConfiguration configuration, NodeClock clock)
{
    private readonly UserRates _queries = new(RateLimit.Of(configuration.Limits.QueryRate), clock);

    /// <returns>False when the caller has asked as much as it may; the request is not counted then.</returns>
    public bool TryTakeQuery(TokenIdentity caller) =>
        caller.HasScope(ChangesEndpoint.Scope) || caller.HasScope(GatewayTokenValidator.Scope) || _queries.TryTake(caller.UserId);
}
