namespace Presence.Server.Security;

internal sealed partial class KeyRing
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Key set {Source} has {Count} keys to verify tokens with.")]
    private partial void LogLoaded(string source, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Key set {Source}: {Reason}")]
    private partial void LogIgnored(string source, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Key set {Source} could not be refreshed; the {Count} keys known stay in use. {Reason}")]
    private partial void LogRefreshFailed(string source, int count, string reason);
}
