using Presence.Engine;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Cluster;

/// <summary>
/// Since when this node has been home of users without a break: what it has written down of them since is the newest there is, what is older may have been overtaken by another home. Any thread.
/// </summary>
internal sealed class Ownership(TimeProvider time) : IOwnership
{
    // By how much versions may be ahead of this node's wall clock; beyond it an old record would be taken for a new one. A record that is too young to tell is looked up once more than it must be.
    private const long MarginMs = 60_000;

    private readonly long[] _sinceMs = [.. Enumerable.Repeat(long.MaxValue, Engine.Ring.Slices)];
    private RoutingTable? _table;

    /// <summary>The ring is another; to be called before any shard follows it.</summary>
    /// <param name="self">This node's ordinal.</param>
    public void Follow(RoutingTable table, int self)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (int slice = 0; slice < _sinceMs.Length; slice++)
        {
            if (table.NodeOfSlice(slice) != self)
            {
                Volatile.Write(ref _sinceMs[slice], long.MaxValue);
            }
            else if (_sinceMs[slice] == long.MaxValue)
            {
                Volatile.Write(ref _sinceMs[slice], nowMs + MarginMs);
            }
        }

        Volatile.Write(ref _table, table);
    }

    /// <inheritdoc/>
    public bool IsHome(ulong userId) => Volatile.Read(ref _table) is { } table && Volatile.Read(ref _sinceMs[table.SliceOf(userId)]) != long.MaxValue;

    /// <inheritdoc/>
    public bool HasOwnedSince(ulong userId, ulong version) =>
        Volatile.Read(ref _table) is { } table && VersionClock.MsOf(version) >= Volatile.Read(ref _sinceMs[table.SliceOf(userId)]);
}
