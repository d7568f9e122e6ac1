using Presence.Server.Diagnostics;

namespace Presence.Server.Transport.Links;

internal static partial class LinkLog
{
    [LoggerMessage(LogEvents.LinkOpened, LogLevel.Information, "Gateway {Gateway} opened a link from {Remote}; resumed: {Resumed}")]
    public static partial void LinkOpened(this ILogger logger, string gateway, string remote, bool resumed);

    [LoggerMessage(LogEvents.LinkLeft, LogLevel.Information, "Gateway {Gateway} at {Remote} has left; by a Goodbye: {Goodbye}")]
    public static partial void LinkLeft(this ILogger logger, string gateway, string remote, bool goodbye);

    [LoggerMessage(LogEvents.LinkLeaveFailed, LogLevel.Error, "The users of gateway {Gateway}, whose link is lost, could not be held")]
    public static partial void LinkLeaveFailed(this ILogger logger, Exception cause, string gateway);
}
