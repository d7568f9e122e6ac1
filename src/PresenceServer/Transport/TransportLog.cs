using Presence.Server.Diagnostics;
using Presence.V1;

namespace Presence.Server.Transport;

internal static partial class TransportLog
{
    [LoggerMessage(LogEvents.HelloRefused, LogLevel.Debug, "Refused a client with {CloseCode}: {Reason}")]
    public static partial void HelloRefused(this ILogger logger, CloseCode closeCode, string reason);

    [LoggerMessage(LogEvents.OutOfDescriptors, LogLevel.Warning, "No descriptor is left: clients are turned away until there is. Raise 'ulimit -n', or lower Presence:Limits:Connections.")]
    public static partial void OutOfDescriptors(this ILogger logger);

    [LoggerMessage(LogEvents.ConnectionsRefused, LogLevel.Warning, "All {Limit} connections are taken: clients are turned away until one leaves. See Presence:Limits:Connections.")]
    public static partial void ConnectionsRefused(this ILogger logger, int limit);

    [LoggerMessage(LogEvents.FewerConnections, LogLevel.Warning, "Of {Configured} connections (Presence:Limits:Connections) this process has descriptors for {Limit} beside its own. Raise 'ulimit -n', or lower it.")]
    public static partial void FewerConnections(this ILogger logger, int configured, int limit);

    [LoggerMessage(LogEvents.LingeringFaulted, LogLevel.Error, "A connection could not be ended")]
    public static partial void LingeringFaulted(this ILogger logger, Exception cause);

    [LoggerMessage(LogEvents.ConnectionFaulted, LogLevel.Error, "A connection ended by a fault of the server")]
    public static partial void ConnectionFaulted(this ILogger logger, Exception cause);
}
