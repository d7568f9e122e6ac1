namespace Presence.Server.Configuration;

/// <summary>The times that decide who is online. They are validated together.</summary>
internal sealed record SessionConfiguration
{
    /// <summary>
    /// d: the longest a client may be silent, told to it in <c>Welcome</c>. 30 s, 1 s to 1 h. Shorter finds silent clients sooner and
    /// costs battery and CPU; carriers drop idle connections from about 4 minutes on.
    /// </summary>
    [Between("00:00:01", "01:00:00")]
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// δ: how late a frame may be. A silent client is offline d + 2δ after its last frame: once for its way here, once for the clocks
    /// and threads of both ends. 5 s, 100 ms (one tick of the timing wheel) to 5 min.
    /// </summary>
    [Between("00:00:00.1", "00:05:00")]
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// h: how long a session outlives a lost connection or an expired token before its user is offline. 15 s, 100 ms to 10 min: long
    /// enough for a change of network, short enough that a closed app is seen to go.
    /// </summary>
    [Between("00:00:00.1", "00:10:00")]
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a gateway that could not resume has to name its whole set again before who was not named is gone. 5 min, 1 s to 1 h:
    /// 10 M users at 100 K a second fit three times.
    /// </summary>
    [Between("00:00:01", "01:00:00")]
    public TimeSpan LinkResync { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After how long without activity the server shows a device as away, for sessions whose Hello says <c>reports_activity</c>.
    /// 0, the default, is never; otherwise not below <see cref="HeartbeatInterval"/>, because activity is reported with heartbeats.
    /// </summary>
    [Between("00:00:00", "1.00:00:00")]
    public TimeSpan AwayAfter { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// From accept to a complete <c>Hello</c>, over HTTP to the first valid token; then the connection is closed. 5 s, 100 ms to 1 min: two lost segments of a slow network
    /// fit, and connections that only wait do not pile up.
    /// </summary>
    [Between("00:00:00.1", "00:01:00")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>d + 2δ: a client silent for this long is gone.</summary>
    public TimeSpan SilenceLimit() => HeartbeatInterval + (2 * Tolerance);

    /// <summary>d + 4δ: a gateway link without a frame for this long is closed; by then its users have gone by their own silence.</summary>
    public TimeSpan LinkSilenceLimit() => HeartbeatInterval + (4 * Tolerance);
}
