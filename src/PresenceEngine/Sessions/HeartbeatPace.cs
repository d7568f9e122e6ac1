namespace Presence.Engine;

/// <summary>
/// The heartbeat interval each session keeps to: d, or a multiple of it while the node is overloaded. A new one travels in answers to heartbeats alone, so until
/// the first frame after such an answer nobody knows whether it has arrived: up to then the longer of both counts.
/// </summary>
internal sealed class HeartbeatPace(Shard shard)
{
    /// <summary>The most doublings there are.</summary>
    public const int MostDoublings = 2;

    private byte _doublings;

    /// <summary>How often d is doubled in answers from now on.</summary>
    public int Doublings
    {
        get => _doublings;
        set => _doublings = (byte)Math.Min(value, MostDoublings);
    }

    /// <summary>How long a session may be silent, in ms.</summary>
    public long SilentAfterMs(ConnectionPort connection)
    {
        bool mayHaveMissedIt = connection.LastFrameMs <= connection.PaceToldMs;
        int doublings = mayHaveMissedIt ? Math.Max(connection.Pace, connection.PaceBefore) : connection.Pace;
        return IntervalMs(doublings) + (2 * shard.Options.ToleranceMs);
    }

    /// <summary>A heartbeat of this session is answered now.</summary>
    /// <returns>The interval to say, in ms.</returns>
    public long Tell(ConnectionPort connection)
    {
        if (connection.Node >= 0 && connection.Pace != _doublings)
        {
            bool isShorter = _doublings < connection.Pace;
            (connection.PaceBefore, connection.Pace, connection.PaceToldMs) = (connection.Pace, _doublings, shard.Time.Stamp);
            if (isShorter)
            {
                // Its deadline is that of the longer interval: looked at as if that had ended, and then as it is.
                shard.Deadlines.LookAfter(connection.Node, IntervalMs(_doublings) + (2 * shard.Options.ToleranceMs));
            }
        }

        return IntervalMs(connection.Node >= 0 ? connection.Pace : 0);
    }

    private long IntervalMs(int doublings) =>
        Math.Max(shard.Options.HeartbeatIntervalMs, Math.Min(shard.Options.HeartbeatIntervalMs << doublings, shard.Options.MaxHeartbeatIntervalMs));
}
