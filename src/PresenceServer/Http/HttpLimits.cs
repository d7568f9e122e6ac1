namespace Presence.Server.Http;

/// <summary>The names of limits that only HTTP has; the others are those of the wire.</summary>
internal static class HttpLimits
{
    public const string BodyBytes = "http_body_bytes";
    public const string ChangeFeeds = "change_feeds";
}
