using Presence.Server.Diagnostics;

namespace Presence.Server.Hosting;

/// <summary>Ends the process with 70 when a part of it cannot go on.</summary>
internal sealed partial class NodeFailure(ILogger<NodeFailure> logger)
{
    public void OfShard(Exception cause)
    {
        LogShardFailed(cause);
        Environment.Exit(ExitCodes.Internal);
    }

    public void OfFrontLoop(Exception cause)
    {
        LogFrontLoopFailed(cause);
        Environment.Exit(ExitCodes.Internal);
    }

    [LoggerMessage(LogEvents.FrontLoopFailed, LogLevel.Critical, "The loop that accepts clients has failed; the process ends so that they go elsewhere. Report this with the trace.")]
    private partial void LogFrontLoopFailed(Exception cause);

    [LoggerMessage(LogEvents.ShardFailed, LogLevel.Critical, "A shard has failed; the process ends so that its clients go elsewhere. Report this with the trace.")]
    private partial void LogShardFailed(Exception cause);
}
