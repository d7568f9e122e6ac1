using Presence.Server.Diagnostics;

namespace Presence.Server.Security;

internal sealed partial class KeyRing
{
    [LoggerMessage(LogEvents.KeySetLoaded, LogLevel.Information, "Key set {Source} has {Count} keys to verify tokens with.")]
    private partial void LogLoaded(string source, int count);

    [LoggerMessage(LogEvents.KeyIgnored, LogLevel.Warning, "Key set {Source}: {Reason}")]
    private partial void LogIgnored(string source, string reason);

    [LoggerMessage(LogEvents.KeySetFailed, LogLevel.Warning, "Key set {Source} could not be refreshed; the {Count} keys known stay in use. {Reason}")]
    private partial void LogRefreshFailed(string source, int count, string reason);
}
