using System.Collections;

namespace Presence.Engine;

/// <summary>
/// What a shard cannot know yet of users whose home it has become: who of them is up, before every node has named its sessions by the new ring, whether it is home of anybody or not, or is gone. There is no time-out: until then it says UNKNOWN of
/// them and calls nobody offline.
/// </summary>
internal sealed class Warming(Shard shard)
{
    // The highest ring by which an edge has named all of its sessions.
    private readonly Dictionary<ShardAddress, long> _complete = [];
    private readonly Dictionary<int, int> _shardsOf = [];
    private readonly HashSet<int> _closed = [];

    // Slices of whose users we know all, without a break since that was so: a ring in which they are another's ends it, however short it lasts.
    private readonly BitArray _known = new(Ring.Slices);
    private bool _hasWalked = true;

    private readonly Holds _holds = new(shard);

    // There was a moment at which all was known, and we have followed every ring since.
    private bool _isEstablished;

    public bool IsUnderWay { get; private set; }

    /// <summary>
    /// Engine time until which users whom the store has as online, or whose watchers were told so, and nobody has named, are shown as before: their node may have died, and they be on their way to another. As long as those who were home before would
    /// have held them, h at least; d + 4δ where nobody is there who was.
    /// </summary>
    public long HoldsUntilMs { get; private set; }

    /// <summary>Unix ms of the last word of the edges that are gone: who was up there, and is named by nobody, was there until then. −1: none is.</summary>
    public long LostAtMs { get; private set; } = -1;

    /// <summary>How often it has ended.</summary>
    public int Ends { get; private set; }

    /// <summary>For how long users of nodes that are gone may be held by us, ms from now: what the homes that come after us are told. −1: we know of nobody.</summary>
    public long HeldForMs => _isEstablished ? Math.Max(0, Math.Max(HoldsUntilMs, _holds.UntilMs) - shard.Time.Now) : -1;

    /// <summary>A user of whom nothing can be said.</summary>
    public bool Concerns(ulong userId) =>
        IsUnderWay && shard.Routing.Table is { } table && table.NodeOf(userId) == shard.Address.Node && !_known[table.SliceOf(userId)];

    /// <summary>An edge is gone.</summary>
    /// <param name="slotMs">As <see cref="RemoteSessions.Lost"/>.</param>
    /// <param name="watermarkMs">Unix ms of its last word.</param>
    public void Lost(ShardAddress edge, long slotMs, long watermarkMs)
    {
        LostAtMs = Math.Max(LostAtMs, watermarkMs);
        _holds.Lost(edge.Node, slotMs);
    }

    /// <summary>A device is held for longer than h.</summary>
    public void Promised(long slotMs) => _holds.Promised(slotMs);

    /// <summary>Of no slice anything counts as known any more.</summary>
    public void Forget()
    {
        _known.SetAll(false);
        _isEstablished = false;
        _holds.Forget();
    }

    /// <summary>Another ring is followed from now on.</summary>
    /// <param name="before">The one that was; null: none was.</param>
    public void Begin(RoutingTable table, RoutingTable? before)
    {
        if (before is not null && !before.Members.Contains(shard.Address.Node))
        {
            // Others have been home of ours meanwhile.
            _isEstablished = false;
            _holds.Forget();
        }

        for (int slice = 0; slice < Ring.Slices; slice++)
        {
            bool isOurs = table.NodeOfSlice(slice) == shard.Address.Node;
            if (!isOurs && !_known[slice] && before?.NodeOfSlice(slice) == shard.Address.Node)
            {
                // Who gets it learns nothing of its users from us.
                _isEstablished = false;
            }

            _known[slice] &= isOurs;
        }

        IsUnderWay = true;
        _hasWalked = false;
        _closed.Clear();
    }

    /// <summary>Our own sessions are gone through.</summary>
    public void Walked()
    {
        _hasWalked = true;
        EndIfAll();
    }

    /// <summary>An edge has named all of its sessions by a ring.</summary>
    /// <param name="shards">Of its node.</param>
    /// <param name="heldForMs">As <see cref="HeldForMs"/>, of the edge's node.</param>
    public void Complete(ShardAddress edge, long ringVersion, int shards, long heldForMs)
    {
        _holds.Told(heldForMs);
        _complete[edge] = Math.Max(ringVersion, _complete.GetValueOrDefault(edge));
        _shardsOf[edge.Node] = shards;
        EndIfAll();
    }

    /// <summary>A node is no member any more, or says all anew when it is heard again.</summary>
    /// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
    public void Closed(int node, bool isDead)
    {
        _closed.Add(node);
        _holds.Closed(node, isDead);
        for (int number = 0; number < _shardsOf.GetValueOrDefault(node); number++)
        {
            _complete.Remove(new(node, number));
        }

        EndIfAll();
    }

    private void EndIfAll()
    {
        if (IsUnderWay && _hasWalked && shard.Routing.Table is { } table && table.Members.All(IsDone) && shard.Nodes!.Reachable.All(IsDone))
        {
            for (int slice = 0; slice < Ring.Slices; slice++)
            {
                _known[slice] = table.NodeOfSlice(slice) == shard.Address.Node;
            }

            IsUnderWay = false;
            _holds.Returned(table.Members.Where(node => !_closed.Contains(node)));
            bool isKnown = _isEstablished || _holds.WasTold;
            HoldsUntilMs = Math.Max(shard.Time.Now + (isKnown ? shard.Options.HoldMs : shard.Options.EdgeHoldMs), _holds.UntilMs);
            _isEstablished = true;
            Ends++;
        }
    }

    private bool IsDone(int node)
    {
        if (node == shard.Address.Node || _closed.Contains(node))
        {
            return true;
        }

        for (int number = 0; number < _shardsOf.GetValueOrDefault(node); number++)
        {
            if (_complete.GetValueOrDefault(new(node, number)) < shard.Routing.Version)
            {
                return false;
            }
        }

        return _shardsOf.ContainsKey(node);
    }
}
