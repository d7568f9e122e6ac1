using Presence.Engine;
using Presence.V1;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>Two nodes of one shard without threads, clocks or disk, and the network between them, which has every batch as bytes. User u's sessions are at node u % 2.</summary>
internal sealed class RehearsalStage : IPeerTransport, IWake, IDisposable
{
    private const int Nodes = 2;
    private const int Partitions = 16;

    // Shards that do not come to rest are no reason to wait for ever.
    private const int MostTurns = 2_000;
    private const long StepMs = 100;
    private const long EndOfTokensMs = 4_000_000_000_000;

    private readonly Queue<(int Node, ShardAddress From, ChannelStamp Stamp, byte[] Bytes)> _sent = new();
    private readonly Shard[] _shards;
    private readonly NothingKept _nothing = new();
    private long _monoMs = 1_000_000;
    private long _wallMs = 1_800_000_000_000;
    private long _version;
    private bool _isRung;

    public RehearsalStage()
    {
        _shards = [.. Enumerable.Range(0, Nodes).SelectMany(Build)];
        for (int node = 0; node < Nodes; node++)
        {
            Post(node, new NodeOpened((node + 1) % Nodes, incarnation: 1, theirs: 1));
        }
    }

    /// <summary>That went from one to the other.</summary>
    public int Batches { get; private set; }

    private TurnTime Time => new(_monoMs, _wallMs, _monoMs);

    /// <summary>These are the members from now on.</summary>
    public void Follow(params int[] members)
    {
        var table = new RoutingTable(++_version, new Ring(members.Select(static member => $"rehearsal-{member}"), seed: 1), members) { Follows = _version > 1 ? _version - 1 : null };
        for (int node = 0; node < Nodes; node++)
        {
            Post(node, new RingChanged(table));
        }

        Settle();
    }

    /// <summary>A node says that it leaves.</summary>
    public void Leave(int node) => Post(node, new NodeLeaves(static () => { }));

    public void Up(RehearsalClient client, ulong resumes) =>
        Say(client, new SessionUp(client, client.Of, deviceKey: client.Of + 1) { InitialStatus = Status.Online, PresentedSession = resumes, TokenExpiresMs = EndOfTokensMs });

    public void Say(RehearsalClient client, ShardMessage message)
    {
        client.Touch(Of(client).Clock.At(_monoMs));
        _ = Of(client).Inbox.TryPostLiveness(message);
    }

    public void Ask(RehearsalClient client, ReadRequest request) => _ = Of(client).Inbox.TryPostRead(request);

    public void Lose(RehearsalClient client) => _ = Of(client).Inbox.TryPostLost(client);

    public void Goodbye(RehearsalClient client)
    {
        _ = Of(client).Inbox.TryPostGoodbye(client);
        Lose(client);
    }

    public void Pass(int seconds)
    {
        for (long left = seconds * 1_000; left > 0; left -= StepMs)
        {
            (_monoMs, _wallMs) = (_monoMs + StepMs, _wallMs + StepMs);
            Settle();
        }
    }

    /// <summary>Turns until there is nothing left to do.</summary>
    public void Settle()
    {
        bool more = true;
        for (int turns = 0; more && turns < MostTurns; turns++)
        {
            _isRung = false;
            more = _shards.Aggregate(false, (has, shard) => shard.Turn(Time) | has) | Bring() | _isRung;
        }
    }

    public void Send(int node, ShardAddress from, in ChannelStamp stamp, PeerBatch batch) => _sent.Enqueue((node, from, stamp, PeerCodec.Encode(from, stamp, batch)));

    public void Wake() => _isRung = true;

    public void Dispose() => Array.ForEach(_shards, static shard => shard.Dispose());

    private Shard[] Build(int node)
    {
        Shard[] shards = new ShardSetup(new ShardOptions(), new Topology(node, shards: 1, Partitions, seed: 1), _nothing, _nothing, Seed: node) { Transport = this }.Build([this], Time);
        return shards;
    }

    private Shard Of(RehearsalClient client) => _shards[(int)(client.Of % Nodes)];

    private void Post(int node, ShardMessage message) => _ = _shards[node].Inbox.TryPostLiveness(message);

    private bool Bring()
    {
        bool any = _sent.Count > 0;
        while (_sent.TryDequeue(out (int Node, ShardAddress From, ChannelStamp Stamp, byte[] Bytes) sent))
        {
            Batches++;
            (ShardAddress from, ChannelStamp stamp, PeerBatch batch) = PeerCodec.Decode(sent.Bytes);
            Post(sent.Node, new BatchArrived(from, stamp, batch, taken => Post(sent.From.Node, new BatchSettled(sent.Node, sent.Stamp, taken))));
        }

        return any;
    }
}
