namespace Presence.Server.Configuration;

/// <summary>
/// How many may come at once, and how those are paced who come back together. Who does not fit is told its own time to come again
/// (<c>reconnect_after_ms</c>), and if it was here before it stays up until then.
/// </summary>
internal sealed record AdmissionConfiguration
{
    /// <summary>
    /// Sessions opened a second over TCP and WebSocket. 0, the default, is a quarter of what this machine could do, measured at the start: the rest is for
    /// those who are here already, and for the watches that every session asks for next. At most 10,000,000, which is no bound.
    /// </summary>
    [Between("0", "10000000")]
    public int Handshakes { get; init; }

    /// <summary>
    /// Sessions opened a second over TLS, whose handshake costs several times as much: counted apart, so that neither waits for the other. 0, the default,
    /// is a quarter of what this machine could do with its certificate. At most 10,000,000.
    /// </summary>
    [Between("0", "10000000")]
    public int TlsHandshakes { get; init; }

    /// <summary>
    /// Signatures of tokens judged a second, before anybody is known; for each of TCP, TLS and gateways as many. 0, the default, is a quarter of what this machine
    /// can verify, measured at the start with the slowest of the algorithms that have keys. At most 10,000,000.
    /// </summary>
    [Between("0", "10000000")]
    public int Signatures { get; init; }

    /// <summary>
    /// The latest slot. 5 min, 1 s to 1 h: who cannot be served by then is told to ask again, in the second half of that time, and its session is held on.
    /// </summary>
    [Between("00:00:01", "01:00:00")]
    public TimeSpan MaxSlot { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest <see cref="DrainTime"/>.</summary>
    public static readonly TimeSpan MostDrainTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Over how long those come back who were told to leave because the node stops (SIGTERM, <c>presencectl drain</c>). 30 s, 0 to 10 min: until the last
    /// of them and <c>Hold</c> beyond it the next process shows nobody offline. 0: each as its back-off says.
    /// </summary>
    [Between("00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);
}
