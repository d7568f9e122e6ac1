using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// A connection as a shard sees it. The host derives from it for each transport; the abstract members are called on the shard's thread only, must not
/// block and must not throw. What is below "shard" belongs to the shard alone.
/// </summary>
public abstract class ConnectionPort
{
    private long _lastFrame;
    private bool _readerPaused;

    /// <summary>
    /// Stamp of the last frame received (<see cref="EngineClock.At"/>): the whole of a plain heartbeat is this store, from the I/O thread.
    /// </summary>
    public void Touch(long stamp) => Volatile.Write(ref _lastFrame, stamp);

    /// <summary>Stamp of the last frame; of its end for a pause of the reader.</summary>
    public long LastFrameMs
    {
        get => Volatile.Read(ref _lastFrame);
        internal set => Volatile.Write(ref _lastFrame, value);
    }

    /// <summary>
    /// True while the host, for a reason of its own, does not read: such a session does not expire, and its time starts anew when reading resumes
    /// (touch it before this is set to false).
    /// </summary>
    public bool ReaderPaused
    {
        get => Volatile.Read(ref _readerPaused);
        set => Volatile.Write(ref _readerPaused, value);
    }

    /// <summary>Adds a frame to what the next flush sends.</summary>
    /// <param name="frame">With the length that a byte stream needs in front.</param>
    /// <param name="prefixBytes">How many bytes that length takes; a message transport leaves them out.</param>
    protected internal abstract void Write(ReadOnlySpan<byte> frame, int prefixBytes);

    /// <summary>Adds bytes of the transport's own, which are no frame: those of a <see cref="TransportReply"/>.</summary>
    protected internal virtual void WriteReply(ReadOnlySpan<byte> bytes) => throw new NotSupportedException("This transport says nothing of its own.");

    /// <summary>Sends what was written.</summary>
    /// <returns>False: the peer does not read fast enough and the flush is pending. The host then posts <see cref="Inbox.TryPostDrained"/> once it is
    /// done, and until then only answers are written, no updates.</returns>
    protected internal abstract bool Flush();

    /// <summary>The session is up: writes the Welcome.</summary>
    protected internal abstract void WriteWelcome(in SessionWelcome welcome);

    /// <summary>
    /// GoAway has been written and flushed: give the client its time to leave, then close. <see cref="CloseCode.Unspecified"/> after a Goodbye.
    /// The host posts <see cref="Inbox.TryPostLost"/> when it is done, as for every connection whose SessionUp it posted.
    /// </summary>
    protected internal abstract void Close(CloseCode code);

    /// <summary>The shard has seen the reader's last word and will not touch this connection again.</summary>
    protected internal virtual void Released()
    {
    }

    // Shard.

    /// <summary>Slot in the shard's connection table, -1 before it is up and after it is lost.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>Node of its device, -1 once the session is no longer on this connection.</summary>
    internal int Node { get; set; } = -1;

    /// <summary>Ordinal of the gateway whose link it is, -1 for a session's and once it no longer is the link's.</summary>
    internal int Gateway { get; set; } = -1;

    /// <summary>A session or a link speaks through it: not before it is up, and not once it was replaced, closed or lost.</summary>
    internal bool Speaks => Node >= 0 || Gateway >= 0;

    internal ulong UserId { get; set; }

    internal ulong SessionId { get; set; }

    internal long TokenExpiresMs { get; set; }

    internal TokenMark Token { get; set; }

    internal long LastActivityMs { get; set; }

    // Whom it watches; see WatchLists.
    internal IntList Watches;

    internal DirtySet? Dirty { get; set; }

    internal long CongestedSinceMs { get; set; }

    // Its place among the congested; see CongestedConnections.
    internal ConnectionPort? CongestedBefore { get; set; }

    internal ConnectionPort? CongestedAfter { get; set; }

    internal byte PendingRequests { get; set; }

    // The interval it was told last, the one before, and the stamp of that; see HeartbeatPace.
    internal byte Pace { get; set; }

    internal byte PaceBefore { get; set; }

    internal long PaceToldMs { get; set; } = -1;

    internal ConnectionFlags Flags { get; set; }

    /// <summary>Its SessionUp has not been applied yet.</summary>
    internal bool IsYetToCome => Slot < 0 && !Has(ConnectionFlags.Lost);

    internal bool Has(ConnectionFlags flag) => (Flags & flag) != 0;

    internal void Set(ConnectionFlags flag, bool on) => Flags = on ? Flags | flag : Flags & ~flag;
}

[Flags]
internal enum ConnectionFlags : byte
{
    None = 0,
    FlushQueued = 1,
    Congested = 2,
    TokenWarned = 4,

    /// <summary>GoAway has been written: nothing more is.</summary>
    Closing = 8,
    Lost = 16,

    /// <summary>Asked for a heartbeat's answer while congested: one is sent when it has drained.</summary>
    BeatAckOwed = 32,

    /// <summary>Its Hello said what its device, which was still known, had said last.</summary>
    CameBackAsBefore = 64,

    /// <summary>Its user has been active while nobody knew whether its device, which came without a word of its status, was AWAY.</summary>
    ActiveMeanwhile = 128,
}

/// <summary>What a shard says of a session that has come up.</summary>
/// <param name="SessionId">Its stamp.</param>
/// <param name="Resumed">Nobody saw the device go.</param>
/// <param name="FirstHeartbeatAfterMs">Random in 0 … d.</param>
/// <param name="ServerTimeMs">Unix ms.</param>
public readonly record struct SessionWelcome(ulong SessionId, bool Resumed, uint FirstHeartbeatAfterMs, long ServerTimeMs);
