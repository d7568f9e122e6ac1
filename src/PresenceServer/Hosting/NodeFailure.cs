using Presence.Server.Cluster;
using Presence.Server.Diagnostics;

namespace Presence.Server.Hosting;

/// <summary>Ends the process when a part of it cannot go on.</summary>
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

    /// <summary>The records cannot be loaded: ends as a start does that finds so at once.</summary>
    public void OfStore(Exception cause)
    {
        LogStoreFailed(cause.Message);
        Environment.Exit(StartFailure.Report(cause, Console.Error));
    }

    /// <summary>Another process is this node by now: ends as a start does that finds so at once.</summary>
    public void OfName(NodeNameException cause)
    {
        LogNameTaken(cause.Message);
        Environment.Exit(StartFailure.Report(cause, Console.Error));
    }

    [LoggerMessage(LogEvents.NameTaken, LogLevel.Critical, "Another process is this node by now; this one ends so that its clients go elsewhere: {Cause}")]
    private partial void LogNameTaken(string cause);

    [LoggerMessage(LogEvents.LoadFailed, LogLevel.Critical, "The last-active store cannot be loaded; the process ends rather than go on without what it keeps: {Cause}")]
    private partial void LogStoreFailed(string cause);

    [LoggerMessage(LogEvents.FrontLoopFailed, LogLevel.Critical, "The loop that accepts clients has failed; the process ends so that they go elsewhere. Report this with the trace.")]
    private partial void LogFrontLoopFailed(Exception cause);

    [LoggerMessage(LogEvents.ShardFailed, LogLevel.Critical, "A shard has failed; the process ends so that its clients go elsewhere. Report this with the trace.")]
    private partial void LogShardFailed(Exception cause);
}
