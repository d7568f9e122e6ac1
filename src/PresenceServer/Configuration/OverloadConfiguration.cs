namespace Presence.Server.Configuration;

/// <summary>
/// When the node has too much to do. Then it does without more and more, step by step, and takes it up again as it can: heartbeats are asked for less often, changes of
/// a status text alone are refused, then questions, then who was not here before. Transitions are told as ever.
/// </summary>
internal sealed record OverloadConfiguration
{
    /// <summary>The longest <see cref="MaxHeartbeatInterval"/>: four times the longest d.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromHours(4);

    /// <summary>
    /// How late the turns of a shard may begin, on average over a second. 200 ms, 10 ms to 1 min: a change is then told four times as late as is promised, so something has to be left undone.
    /// </summary>
    [Between("00:00:00.01", "00:01:00")]
    public TimeSpan LoopLag { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// CPU time of this process, in percent of all cores of the machine, over a second. 95, 10 to 1,000; what is above 100 is never reached.
    /// </summary>
    [Between("10", "1000")]
    public int Cpu { get; init; } = 95;

    /// <summary>
    /// The longest heartbeat interval that sessions are asked for. 0, the default, is four times <c>Session:HeartbeatInterval</c>, and more than that is none; less than it asks for no other. At most 4 h. Carriers drop
    /// idle connections from about 4 minutes on.
    /// </summary>
    [Between("00:00:00", "04:00:00")]
    public TimeSpan MaxHeartbeatInterval { get; init; } = TimeSpan.Zero;

    /// <summary>What sessions may be asked for at most, given d.</summary>
    public TimeSpan MaxIntervalOf(TimeSpan heartbeatInterval) => MaxHeartbeatInterval > TimeSpan.Zero ? MaxHeartbeatInterval : 4 * heartbeatInterval;
}
