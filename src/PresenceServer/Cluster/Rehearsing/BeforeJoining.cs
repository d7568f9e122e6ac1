using Presence.Engine;
using Presence.Server.Diagnostics;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>What a node does before it is a member for the first time, so that nobody waits for that then.</summary>
internal sealed partial class BeforeJoining(Joining joining, ILastActiveStore store, TimeProvider time, ILogger<BeforeJoining> logger)
{
    // Reads wait for Redis for two seconds at most.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Completes when it is done, or has gone wrong.</summary>
    public async Task CompleteAsync()
    {
        try
        {
            await joining.Rehearsal.WaitAsync(s_patience, time);
            await RehearsalRead.FromAsync(store).WaitAsync(s_patience, time);
        }
        catch (Exception e)
        {
            LogNotRehearsed(e);
        }
    }

    [LoggerMessage(LogEvents.NotRehearsed, LogLevel.Warning, "What this node is about to do for the first time was not rehearsed to its end. It joins all the same, and others may wait for it longer than they should")]
    private partial void LogNotRehearsed(Exception problem);
}
