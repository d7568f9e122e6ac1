using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// From one shard to another of the same node. Never blocks: when the ring is full, changes collect here, latest per user, and questions queue (they are
/// bounded by what connections may have pending). The sender's side belongs to the sender's thread, <see cref="TryTake"/> to the receiver's.
/// </summary>
/// <param name="from">The sender.</param>
/// <param name="receiver">Woken when something comes.</param>
/// <param name="mail">Says the receiver who has something for it.</param>
/// <param name="capacity">Messages that may be under way.</param>
internal sealed class PeerLane(int from, Inbox receiver, MailFlags mail, int capacity)
{
    // Changes that go together when they had to wait: a part of the receiver's turn.
    private const int LateBatch = 4_096;

    private readonly SpscRing<PeerMessage> _ring = new(capacity);
    private readonly Dictionary<ulong, PresenceState> _late = [];
    private readonly Queue<PeerMessage> _waiting = new();

    // When the first of the changes that are late was decided.
    private long _lateSinceUs;

    /// <summary>Messages and changes that found the ring full.</summary>
    public int Backlog => _late.Count + _waiting.Count;

    /// <summary>The sender knows of the backlog.</summary>
    public bool IsBehind { get; set; }

    public bool IsEmpty => _ring.IsEmpty;

    public void Post(ChangeBatch batch)
    {
        if (Backlog == 0 && _ring.TryEnqueue(batch))
        {
            Tell();
            return;
        }

        _lateSinceUs = _late.Count == 0 ? batch.DecidedUs : _lateSinceUs;
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

        Tell();
    }

    /// <summary>Sends what had to wait, as far as there is room.</summary>
    public void FlushBacklog(ulong clock)
    {
        while (_waiting.TryPeek(out PeerMessage? message) && _ring.TryEnqueue(message))
        {
            _waiting.Dequeue();
            Tell();
        }

        // Built only when it will go: a receiver that is far behind is no work for its senders.
        while (_late.Count > 0 && _ring.HasRoom)
        {
            FlushLate(clock);
        }
    }

    public PeerMessage? TryTake() => _ring.TryDequeue();

    private void FlushLate(ulong clock)
    {
        var batch = new ChangeBatch();
        foreach ((ulong userId, PresenceState state) in _late)
        {
            batch.Add(state);
            _late.Remove(userId);
            if (batch.Count == LateBatch)
            {
                break;
            }
        }

        batch.Close(clock, readers: 1, _lateSinceUs);
        _ring.TryEnqueue(batch);
        Tell();
    }

    private void Tell()
    {
        mail.Set(from);
        receiver.Wake();
    }
}
