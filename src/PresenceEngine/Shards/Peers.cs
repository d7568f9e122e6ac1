using System.Numerics;
using Presence.Protocol;

namespace Presence.Engine;

/// <summary>One shard's end of the mesh: collects the changes of a turn and hands them out when it ends, in one batch to every shard.</summary>
internal sealed class Peers(Shard shard, Mesh mesh)
{
    // More batches than this are under way only when a receiver is far behind; then new ones are made.
    private const int Spares = 8;

    private readonly Queue<ChangeBatch> _sent = new();

    // Lanes of ours whose receiver is behind.
    private readonly List<PeerLane> _behind = [];
    private readonly MailFlags _mail = mesh.MailOf(shard.Address.Shard);
    private ChangeBatch _open = new();

    private int Self => shard.Address.Shard;

    public void Add(in PresenceState change) => _open.Add(change);

    public void Post(ShardAddress to, PeerMessage message)
    {
        if (to == shard.Address)
        {
            message.Apply(shard);
        }
        else
        {
            PeerLane lane = mesh.Lane(Self, to.Shard);
            lane.Post(message);
            Watch(lane);
        }
    }

    /// <summary>Applies what other shards have said, of each about <paramref name="budget"/> users.</summary>
    public void Receive(int budget)
    {
        for (int word = 0; word < _mail.Words; word++)
        {
            for (ulong senders = _mail.Take(word); senders != 0; senders &= senders - 1)
            {
                Receive((word * MailFlags.BitsOfWord) + BitOperations.TrailingZeroCount(senders), budget);
            }
        }
    }

    public bool HasMail() => _behind.Count > 0 || _mail.Any;

    /// <summary>Broadcasts the turn's changes; our own watchers are served in this turn.</summary>
    public void EndTurn()
    {
        FlushBacklogs();
        if (_open.Count == 0)
        {
            return;
        }

        ChangeBatch batch = _open;
        _open = Spare();
        shard.Nodes?.Broadcast(batch.States);
        Hand(batch, shard.Versions.Last, shard.Time.MonoUs);
    }

    /// <summary>Hands out what another node says has changed there.</summary>
    /// <param name="clock">Of that node.</param>
    public void Relay(IEnumerable<PresenceState> states, ulong clock)
    {
        ChangeBatch batch = Spare();
        foreach (PresenceState state in states)
        {
            batch.Add(state);
        }

        // Its clock is not ours: how long it took on the way nobody can tell.
        Hand(batch, clock, Propagation.NotMeasured);
    }

    private void Hand(ChangeBatch batch, ulong clock, long decidedUs)
    {
        batch.Close(clock, readers: mesh.Shards, decidedUs);
        _sent.Enqueue(batch);
        // The others first: they wake while we serve our own.
        for (int to = 0; to < mesh.Shards; to++)
        {
            if (to != Self)
            {
                PeerLane lane = mesh.Lane(Self, to);
                lane.Post(batch);
                Watch(lane);
            }
        }

        batch.Apply(shard);
    }

    private void Receive(int from, int budget)
    {
        PeerLane lane = mesh.Lane(from, Self);
        for (int users = 0; users < budget && lane.TryTake() is { } message;)
        {
            users += Math.Max(1, message.Weight);
            message.Apply(shard);
        }

        if (!lane.IsEmpty)
        {
            _mail.Set(from);
        }
    }

    private void Watch(PeerLane lane)
    {
        if (lane.Backlog > 0 && !lane.IsBehind)
        {
            lane.IsBehind = true;
            _behind.Add(lane);
        }
    }

    private void FlushBacklogs()
    {
        for (int i = _behind.Count - 1; i >= 0; i--)
        {
            PeerLane lane = _behind[i];
            lane.FlushBacklog(shard.Versions.Last);
            if (lane.Backlog == 0)
            {
                lane.IsBehind = false;
                _behind[i] = _behind[^1];
                _behind.RemoveAt(_behind.Count - 1);
            }
        }
    }

    private ChangeBatch Spare()
    {
        if (_sent.TryPeek(out ChangeBatch? oldest) && oldest.IsFree)
        {
            _sent.Dequeue();
            oldest.Clear();
            return oldest;
        }

        if (_sent.Count > Spares)
        {
            _sent.Dequeue();
        }

        return new ChangeBatch();
    }
}
