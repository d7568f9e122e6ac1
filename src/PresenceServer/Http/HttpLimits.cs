using Presence.Engine;

namespace Presence.Server.Http;

/// <summary>The names of limits that only HTTP has; the others are those of the wire.</summary>
internal static class HttpLimits
{
    public const string BodyBytes = LimitHits.HttpBodyBytes;
    public const string ChangeFeeds = LimitHits.ChangeFeeds;
}
