using Presence.Server.Hosting;

namespace Presence.Server.Admin;

/// <summary>/livez and /readyz for probes: JSON that lists each check; 200, or 503 when one has failed. They tell nothing of users, so they ask for no token.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "/livez", static health => health.Live());
        Map(endpoints, "/readyz", static health => health.Ready());
    }

    private static void Map(IEndpointRouteBuilder endpoints, string path, Func<NodeHealth, IReadOnlyList<HealthCheck>> checks) =>
        endpoints.MapGet(path, (NodeHealth health) => Describe(checks(health))).WithMetadata(new AdminOnly()).ExcludeFromDescription();

    private static IResult Describe(IReadOnlyList<HealthCheck> checks)
    {
        bool failed = checks.Any(static check => check.Status == NodeHealth.Failed);
        bool degraded = checks.Any(static check => check.Status == NodeHealth.Degraded);
        string status = failed ? NodeHealth.Failed : degraded ? NodeHealth.Degraded : NodeHealth.Ok;
        int code = failed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return Results.Json(new HealthReport(status, checks), statusCode: code);
    }

    private sealed record HealthReport(string Status, IReadOnlyList<HealthCheck> Checks);
}
