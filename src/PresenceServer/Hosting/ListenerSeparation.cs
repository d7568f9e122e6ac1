using Microsoft.AspNetCore.Routing.Matching;

namespace Presence.Server.Hosting;

/// <summary>
/// Endpoints marked <see cref="AdminOnly"/> exist for requests of the admin listener, all others for requests of every other listener. Part of the routing
/// itself and first of its rules: a later one would answer 405 for a method that an endpoint of the other side does not have, and so tell that it is there.
/// </summary>
internal sealed class ListenerSeparation : MatcherPolicy, INodeBuilderPolicy
{
    public override int Order => int.MinValue;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) =>
        [.. endpoints.GroupBy(IsAdminOnly).Select(static side => new PolicyNodeEdge(side.Key, [.. side]))];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) => new Sides(
        DestinationOf(edges, admin: true, exitDestination), DestinationOf(edges, admin: false, exitDestination));

    private static bool IsAdminOnly(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AdminOnly>() is not null;

    private static int DestinationOf(IReadOnlyList<PolicyJumpTableEdge> edges, bool admin, int otherwise)
    {
        foreach (PolicyJumpTableEdge edge in edges)
        {
            if ((bool)edge.State == admin)
            {
                return edge.Destination;
            }
        }

        return otherwise;
    }

    private sealed class Sides(int admin, int others) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) =>
            httpContext.Features.Get<AdminListenerFeature>() is null ? others : admin;
    }
}
