using Presence.Engine;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;

namespace Presence.Server.Cluster;

/// <summary>The last that a node does for its cluster: when the others have its users, and know of its sessions, it may go.</summary>
internal sealed partial class HandingOver(ShardSet shards, TimeProvider time, ILogger<HandingOver> logger)
{
    // A node that nobody listens to goes all the same: who was up there is held as after a loss.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Completes when the others have all, or have had the time to.</summary>
    public async Task CompleteAsync(CancellationToken cancel)
    {
        Task all = shards.AllTellAsync(static told => new NodeLeaves(told));
        if (await Task.WhenAny(all, Task.Delay(s_patience, time, cancel)) != all)
        {
            LogNotOver(s_patience.TotalSeconds);
        }
    }

    [LoggerMessage(LogEvents.NotHandedOver, LogLevel.Warning, "The other nodes have not taken over all users within {Seconds} s; this one leaves all the same")]
    private partial void LogNotOver(double seconds);
}
