namespace Presence.Server.Http;

/// <summary>
/// What every answer over HTTP says to browsers and caches, whoever makes it: it is no page, it is what its type says, nobody keeps it. An answer that says otherwise
/// itself is left alone.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>Of answers that are written by hand: those of the lean WebSocket listener.</summary>
    public const string NoSniff = "nosniff";

    /// <summary>The first of all, so that answers to errors have them too.</summary>
    public static void UseSecurityHeaders(this WebApplication app) => app.Use(static (http, next) =>
    {
        http.Response.OnStarting(Add, http);
        return next(http);
    });

    private static Task Add(object state)
    {
        IHeaderDictionary headers = ((HttpContext)state).Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }
}
