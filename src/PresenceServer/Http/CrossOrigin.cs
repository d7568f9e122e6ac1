using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;
using Presence.Server.Configuration;
using Presence.Server.Hosting;

namespace Presence.Server.Http;

/// <summary>
/// Lets the pages of the listed origins read what HTTP answers (CORS). No cookies are used here, so other pages have nothing of their visitor's to send: they are kept
/// out by having no token, and by the browser.
/// </summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan _preflightHolds = TimeSpan.FromMinutes(10);

    public static IServiceCollection AddCrossOrigin(this IServiceCollection services, PresenceConfiguration configuration) =>
        services.AddCors(cors => cors.AddDefaultPolicy(policy => Allow(policy, [.. configuration.Http.AllowedOrigins])));

    /// <summary>After routing. Not on the admin listener: no page has business there.</summary>
    public static void UseCrossOrigin(this WebApplication app) =>
        app.UseWhen(static http => http.Features.Get<AdminListenerFeature>() is null, static clients => clients.UseCors());

    private static void Allow(CorsPolicyBuilder policy, string[] origins) => policy
        .WithOrigins(origins)
        .WithMethods(HttpMethods.Get, HttpMethods.Put)
        .WithHeaders(HeaderNames.Authorization, HeaderNames.ContentType, "Last-Event-ID")
        .WithExposedHeaders(HeaderNames.RetryAfter)
        .SetPreflightMaxAge(_preflightHolds);
}
