using System.Collections;
using Presence.Protocol;

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

    // The ring by which users had another home before it began, and when it did, Unix ms.
    private RoutingTable? _before;
    private long _beganMs;

    // What edges have named to who followed a ring up to this does not count.
    private long _forgottenUntil = -1;

    // Wait for the end.
    private Action? _over;

    public bool IsUnderWay { get; private set; }

    /// <summary>Users whom the store has as online, or whose watchers were told so, and nobody has named, are shown as before until then: their node may be gone, and they be on their way to another.</summary>
    public GoneNodes Gone { get; } = new(shard);

    /// <summary>Unix ms of the last word of the edges that are gone: who was up there, and is named by nobody, was there until then. −1: none is.</summary>
    public long LostAtMs { get; private set; } = -1;

    /// <summary>How often it has ended.</summary>
    public int Ends { get; private set; }

    /// <summary>A user of whom nothing can be said.</summary>
    public bool Concerns(ulong userId) =>
        IsUnderWay && shard.Routing.Table is { } table && table.NodeOf(userId) == shard.Address.Node && !_known[table.SliceOf(userId)];

    /// <summary>
    /// Of whom it <see cref="Concerns"/>: until when what was shown of the user is known to have been true, Unix ms. Its home before spoke for it until its last word, which is not heard any more where it died, and no longer than until there was
    /// another.
    /// </summary>
    public long AsOfMs(ulong userId)
    {
        if (_before is null)
        {
            return shard.Store.LastWatermarkMs;
        }

        int home = _before.NodeOf(userId);
        long lastMs = home == shard.Address.Node ? PresenceState.NoTime : shard.Nodes!.Heard.LastWordMs(home);
        // The clock may have been set back since.
        return Math.Min(shard.Time.WallMs, lastMs == PresenceState.NoTime ? _beganMs : Math.Min(lastMs, _beganMs));
    }

    /// <summary>Calls back when it is over.</summary>
    public void WhenOver(Action over)
    {
        _over += over;
        if (!IsUnderWay)
        {
            TellOver();
        }
    }

    /// <summary>An edge is gone.</summary>
    /// <param name="watermarkMs">Unix ms of its last word.</param>
    public void Lost(long watermarkMs) => LostAtMs = Math.Max(LostAtMs, watermarkMs);

    /// <summary>Of no slice anything counts as known any more, nor what edges have named to who followed a ring up to this.</summary>
    public void Forget(long ringVersion)
    {
        _known.SetAll(false);
        _forgottenUntil = ringVersion;
        Gone.Forget();
    }

    /// <summary>Another ring is followed from now on.</summary>
    /// <param name="before">The one until now; null: none was.</param>
    public void Begin(RoutingTable table, RoutingTable? before)
    {
        // Who was to be ours before it has ended is still as it was when that began.
        if (!IsUnderWay || before?.Members.Contains(shard.Address.Node) != true)
        {
            (_before, _beganMs) = (before, shard.Time.WallMs);
        }

        _known.And(table.SlicesOf(shard.Address.Node));
        IsUnderWay = true;
        _hasWalked = false;
        _closed.Clear();
        Gone.Begin();
    }

    /// <summary>Our own sessions are gone through.</summary>
    public void Walked()
    {
        _hasWalked = true;
        EndIfAll();
    }

    /// <summary>An edge has named all of its sessions by a ring.</summary>
    /// <param name="since">As <see cref="ChannelReceiver.Since"/>: who has been named is not again.</param>
    /// <param name="shards">Of its node.</param>
    /// <param name="goneLeftMs">Its <see cref="GoneNodes.LeftMs"/>.</param>
    public void Complete(ShardAddress edge, long since, long ringVersion, int shards, long? goneLeftMs)
    {
        _shardsOf[edge.Node] = shards;
        if (since > _forgottenUntil)
        {
            _complete[edge] = Math.Max(ringVersion, _complete.GetValueOrDefault(edge));
            if (ringVersion >= shard.Routing.Version)
            {
                Gone.Told(goneLeftMs);
            }
        }

        EndIfAll();
    }

    /// <summary>A node is no member any more, or says all anew when it is heard again.</summary>
    /// <param name="isDead">As <see cref="Nodes.Close"/>.</param>
    public void Closed(int node, bool isDead)
    {
        _closed.Add(node);
        Gone.Closed(node, isDead, hasNamedAll: HasCompleted(node) && shard.Routing.Table?.Members.Contains(node) == false);
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
            _known.SetAll(false);
            _known.Or(table.SlicesOf(shard.Address.Node));
            IsUnderWay = false;
            Gone.Named(HasCompleted);
            Ends++;
            TellOver();
        }
    }

    private void TellOver()
    {
        _over?.Invoke();
        _over = null;
    }

    private bool IsDone(int node) => node == shard.Address.Node || _closed.Contains(node) || HasCompleted(node);

    private bool HasCompleted(int node)
    {
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
