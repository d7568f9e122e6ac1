using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Presence.Engine;

/// <summary>What a shard can be handed. New kinds are new types; each knows which part of the shard it is for.</summary>
public abstract class ShardMessage
{
    /// <summary>What it takes of a turn, about: users that it is about.</summary>
    internal virtual int Weight => 1;

    internal abstract void Apply(Shard shard);
}

/// <summary>What a connection's reader says without a message of its own: it happens too often to allocate.</summary>
internal enum ConnectionSignal : byte
{
    /// <summary>A heartbeat that asks for something; its flags are beside.</summary>
    Beat,

    /// <summary>Nothing more will come from this connection.</summary>
    Lost,

    Goodbye,

    /// <summary>The flush that was pending is done.</summary>
    Drained,
}

/// <summary>A message, or a connection with a signal.</summary>
internal readonly record struct InboxItem(object Body, ConnectionSignal Signal, byte Argument);

/// <summary>
/// Where I/O meets a shard: two bounded lanes, liveness before reads. A full lane refuses, and the caller stops reading its connection until
/// there is room (the transport's own back-pressure). Answers of the store have a lane that is bounded by the questions. Any thread may post.
/// </summary>
public sealed class Inbox
{
    private readonly MpscRing<InboxItem> _liveness;
    private readonly MpscRing<InboxItem> _reads;

    // Bounded by the questions that are open: a connection has few, and a turn one for all its new users.
    private readonly ConcurrentQueue<ShardMessage> _answers = new();
    private readonly IWake _wake;

    internal Inbox(InboxCapacity capacity, IWake wake)
    {
        _liveness = new(capacity.Liveness);
        _reads = new(capacity.Reads);
        _wake = wake;
    }

    public int LivenessDepth => _liveness.Count;

    public int ReadDepth => _reads.Count;

    internal bool IsEmpty => _liveness.IsEmpty && _reads.IsEmpty && _answers.IsEmpty;

    /// <summary>Sessions, statuses, leases. False: the lane is full; wait for the shard's next turn and post again.</summary>
    public bool TryPostLiveness(ShardMessage message) => Post(_liveness, new(message, default, 0));

    /// <summary>Watches and queries. False: the lane is full; wait for the shard's next turn and post again.</summary>
    public bool TryPostRead(ReadRequest message) => Post(_reads, new(message, default, 0));

    /// <summary>A heartbeat with flags.</summary>
    public bool TryPostBeat(ConnectionPort connection, Protocol.HeartbeatFlags flags) =>
        Post(_liveness, new(connection, ConnectionSignal.Beat, (byte)flags));

    /// <summary>The reader's last word: the connection is gone and nothing more comes from it.</summary>
    public bool TryPostLost(ConnectionPort connection) => Post(_liveness, new(connection, ConnectionSignal.Lost, 0));

    public bool TryPostGoodbye(ConnectionPort connection) => Post(_liveness, new(connection, ConnectionSignal.Goodbye, 0));

    /// <summary>The flush that <see cref="ConnectionPort.Flush"/> left pending is done.</summary>
    public bool TryPostDrained(ConnectionPort connection) => Post(_liveness, new(connection, ConnectionSignal.Drained, 0));

    internal bool TryTakeLiveness(out InboxItem item) => _liveness.TryDequeue(out item);

    internal bool TryTakeRead(out InboxItem item) => _reads.TryDequeue(out item);

    /// <summary>A batch of another node, or what became of one for it: bounded, as of each pair of shard and node one is under way. Any thread.</summary>
    public void Post(BatchArrived message) => PostAnswer(message);

    /// <inheritdoc cref="Post(BatchArrived)"/>
    public void Post(BatchSettled message) => PostAnswer(message);

    internal bool TryTakeAnswer([NotNullWhen(true)] out ShardMessage? message) => _answers.TryDequeue(out message);

    internal void PostAnswer(ShardMessage message)
    {
        _answers.Enqueue(message);
        _wake.Wake();
    }

    internal void Wake() => _wake.Wake();

    private bool Post<T>(MpscRing<T> lane, in T item)
    {
        bool posted = lane.TryEnqueue(item);
        _wake.Wake();
        return posted;
    }
}

/// <summary>Slots of each lane of an inbox.</summary>
public sealed record InboxCapacity(int Liveness, int Reads)
{
    public static readonly InboxCapacity Default = new(16_384, 4_096);
}

/// <summary>Wakes the thread that runs a shard; from any thread, cheap when it is awake.</summary>
public interface IWake
{
    void Wake();
}
