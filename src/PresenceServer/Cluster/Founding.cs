using System.Buffers.Binary;
using System.Security.Cryptography;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using StackExchange.Redis;

namespace Presence.Server.Cluster;

/// <summary>
/// Finds out at the start of a node which cluster it belongs to, and founds one where there is none. A Redis that is empty may have lost a cluster whose members live: they write it back within a second, so nobody founds
/// one before they have had the time.
/// </summary>
internal sealed partial class Founding(Registry registry, TimeProvider time, ILogger<Founding> logger)
{
    // Members look every second. What has a seed founds the cluster that it was of, and its members find their data in it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    // What has none would found another, beside one whose members still look for this Redis: an attempt that hangs takes them 3 s, the next comes 1.5 s later at most (Joining), and then they look.
    private static readonly TimeSpan s_patienceOfNew = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for Redis as long as it takes: without it nobody can be a member.</summary>
    /// <param name="own">The seed that the node's data depends on; null: it has none yet.</param>
    /// <exception cref="OperationCanceledException">The node is to stop.</exception>
    public async Task<ClusterIdentity> AgreeAsync(ulong? own, CancellationToken cancel)
    {
        var said = new Seldom(time);
        long? emptySince = null;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                if (await registry.FindAsync() is { } found)
                {
                    return found;
                }

                emptySince ??= time.GetTimestamp();
                if (time.GetElapsedTime(emptySince.Value) >= (own is null ? s_patienceOfNew : s_patience))
                {
                    ClusterIdentity founded = await registry.FoundAsync(new ClusterIdentity(own ?? RandomSeed(), 0).Next(time, []));
                    LogFounded(founded.Name);
                    return founded;
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                emptySince = null;
                if (said.IsTime())
                {
                    LogWaits(e.Message);
                }
            }

            await Task.Delay(s_pause, time, cancel);
        }
    }

    private static ulong RandomSeed() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    [LoggerMessage(LogEvents.ClusterFounded, LogLevel.Information, "Founded the cluster {Name}")]
    private partial void LogFounded(string name);

    [LoggerMessage(LogEvents.ClusterWaits, LogLevel.Warning, "Waiting for the cluster's Redis (Presence:Cluster:Redis), without which a node cannot join: {Problem}")]
    private partial void LogWaits(string problem);
}
