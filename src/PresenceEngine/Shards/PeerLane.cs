using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// From one shard to another of the same node. Never blocks: when the ring is full, changes collect here, latest per user, and questions queue (they are
/// bounded by what connections may have pending). The sender's side belongs to the sender's thread, <see cref="TryTake"/> to the receiver's.
/// </summary>
internal sealed class PeerLane(Inbox receiver)
{
    private const int Capacity = 1_024;

    private readonly SpscRing<PeerMessage> _ring = new(Capacity);
    private readonly Dictionary<ulong, PresenceState> _late = [];
    private readonly Queue<PeerMessage> _waiting = new();

    /// <summary>Messages and changes that found the ring full.</summary>
    public int Backlog => _late.Count + _waiting.Count;

    public bool IsEmpty => _ring.IsEmpty;

    public void Post(ChangeBatch batch)
    {
        if (Backlog == 0 && _ring.TryEnqueue(batch))
        {
            receiver.Wake();
            return;
        }

        foreach (ref readonly PresenceState state in batch.States)
        {
            _late[state.UserId] = state;
        }

        batch.Release();
    }

    public void Post(PeerMessage message)
    {
        if (_waiting.Count > 0 || !_ring.TryEnqueue(message))
        {
            _waiting.Enqueue(message);
        }

        receiver.Wake();
    }

    /// <summary>Sends what had to wait, as far as there is room.</summary>
    public void FlushBacklog(ulong clock)
    {
        while (_waiting.TryPeek(out PeerMessage? message) && _ring.TryEnqueue(message))
        {
            _waiting.Dequeue();
            receiver.Wake();
        }

        if (_late.Count > 0)
        {
            FlushLate(clock);
        }
    }

    public PeerMessage? TryTake() => _ring.TryDequeue();

    private void FlushLate(ulong clock)
    {
        var batch = new ChangeBatch();
        foreach (PresenceState state in _late.Values)
        {
            batch.Add(state);
        }

        batch.Close(clock, readers: 1);
        if (_ring.TryEnqueue(batch))
        {
            _late.Clear();
            receiver.Wake();
        }
    }
}
