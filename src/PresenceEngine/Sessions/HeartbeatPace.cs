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

    /// <summary>Sessions that were told more than d last. Who sends requests all the time need not send a heartbeat, and keeps to that for as long.</summary>
    public int Longer { get; private set; }

    /// <summary>How long a session may be silent, in ms.</summary>
    public long SilentAfterMs(ConnectionPort connection) => IntervalMs(DoublingsOf(connection)) + (2 * shard.Options.ToleranceMs);

    /// <summary>The same from its next frame on.</summary>
    public long ToldSilentAfterMs(ConnectionPort connection) => IntervalMs(connection.Pace) + (2 * shard.Options.ToleranceMs);

    /// <summary>A heartbeat of this session is answered now.</summary>
    /// <returns>The interval to say, in ms.</returns>
    public long Tell(ConnectionPort connection)
    {
        if (connection.Node >= 0 && connection.Pace != _doublings)
        {
            bool isShorter = _doublings < connection.Pace;
            Longer += (_doublings > 0 ? 1 : 0) - (connection.Pace > 0 ? 1 : 0);
            // The answer before this one may not have arrived either.
            (connection.PaceBefore, connection.Pace, connection.PaceToldMs) = (DoublingsOf(connection), _doublings, shard.Time.Stamp);
            if (isShorter)
            {
                // It is armed for the longer interval, but from its next frame on the shorter one counts.
                shard.Deadlines.Arm(connection.Node);
            }
        }

        return IntervalMs(connection.Node >= 0 ? connection.Pace : 0);
    }

    /// <summary>The session is not on this connection any more.</summary>
    public void Forget(ConnectionPort connection)
    {
        Longer -= connection.Pace > 0 ? 1 : 0;
        connection.Pace = connection.PaceBefore = 0;
    }

    // What it may be keeping to.
    private static byte DoublingsOf(ConnectionPort connection) =>
        connection.LastFrameMs <= connection.PaceToldMs ? Math.Max(connection.Pace, connection.PaceBefore) : connection.Pace;

    private long IntervalMs(int doublings) =>
        Math.Max(shard.Options.HeartbeatIntervalMs, Math.Min(shard.Options.HeartbeatIntervalMs << doublings, shard.Options.MaxHeartbeatIntervalMs));
}
