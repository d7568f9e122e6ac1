using Presence.Protocol;

namespace Presence.Engine;

/// <summary>One shard's end of the mesh: collects the changes of a turn and hands them out when it ends, in one batch to every shard.</summary>
internal sealed class Peers(Shard shard, Mesh mesh)
{
    // More batches than this are under way only when a receiver is far behind; then new ones are made.
    private const int Spares = 8;

    private readonly Queue<ChangeBatch> _sent = new();
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
            mesh.Lane(Self, to.Shard).Post(message);
        }
    }

    /// <summary>Applies what other shards have said, of each about <paramref name="budget"/> users.</summary>
    public void Receive(int budget)
    {
        for (int from = 0; from < mesh.Shards; from++)
        {
            PeerLane lane = mesh.Lane(from, Self);
            for (int users = 0; users < budget && lane.TryTake() is { } message;)
            {
                users += Math.Max(1, message.Weight);
                message.Apply(shard);
            }
        }
    }

    public bool HasMail()
    {
        for (int other = 0; other < mesh.Shards; other++)
        {
            if (!mesh.Lane(other, Self).IsEmpty || mesh.Lane(Self, other).Backlog > 0)
            {
                return true;
            }
        }

        return false;
    }

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
        batch.Close(shard.Versions.Last, readers: mesh.Shards);
        _sent.Enqueue(batch);
        // The others first: they wake while we serve our own.
        for (int to = 0; to < mesh.Shards; to++)
        {
            if (to != Self)
            {
                mesh.Lane(Self, to).Post(batch);
            }
        }

        batch.Apply(shard);
    }

    private void FlushBacklogs()
    {
        for (int to = 0; to < mesh.Shards; to++)
        {
            if (mesh.Lane(Self, to) is { Backlog: > 0 } lane)
            {
                lane.FlushBacklog(shard.Versions.Last);
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
