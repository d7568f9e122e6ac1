using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>A status, or the end of all that a user had over HTTP, that a home is to apply.</summary>
/// <param name="Order">Rises: of a user's the lower comes first.</param>
/// <param name="Kind">Either of the two.</param>
/// <param name="Until">Engine time until which somebody waits for its answer.</param>
internal readonly record struct AskedStatus(StatusChange Change, ReportKind Kind, long Order, long Until)
{
    /// <summary>As <see cref="SessionReport.WasSeen"/>.</summary>
    public bool WasSeen { get; init; }

    /// <summary>Of who has left: as <see cref="SessionReport.SessionId"/> of a report says.</summary>
    public ulong UpTo { get; init; }

    /// <summary>To which it was said.</summary>
    public int Node { get; init; }

    public ulong UserId => Change.UserId;
}

/// <summary>
/// Statuses whose home is another while they are under way: a node that is not the home any more does nothing of them, and they are said again when the ring is another here too, or in a moment. So who sets a status while the
/// members change is not told that it may be lost. What its user says meanwhile waits behind it.
/// </summary>
internal sealed class StatusesAgain(Shard shard)
{
    // The others know another ring already: ours is on its way.
    private const long TryAgainAfterMs = 100;

    private readonly Dictionary<ulong, List<AskedStatus>> _waiting = [];

    // By user: how much is under way to who was its home by a ring before.
    private readonly Dictionary<ulong, int> _astray = [];
    private long _againMs = long.MaxValue;

    public int Count { get; private set; }

    /// <summary>What is said of the user now has to wait.</summary>
    public bool IsBehind(ulong userId) => _astray.ContainsKey(userId) || _waiting.ContainsKey(userId);

    public void Add(in AskedStatus asked)
    {
        if (!_waiting.TryGetValue(asked.UserId, out List<AskedStatus>? of))
        {
            _waiting[asked.UserId] = of = [];
        }

        long order = asked.Order;
        int behind = of.FindIndex(one => one.Order > order);
        of.Insert(behind < 0 ? of.Count : behind, asked);
        Count++;
        _againMs = Math.Min(_againMs, shard.Time.Now + TryAgainAfterMs);
    }

    /// <summary>The ring is another.</summary>
    /// <param name="underWay">All that is not answered.</param>
    public void Follow(IEnumerable<AskedStatus> underWay)
    {
        _astray.Clear();
        foreach (AskedStatus asked in underWay.Where(IsAstray))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_astray, asked.UserId, out _)++;
        }

        SayAll();
    }

    /// <summary>What was under way is answered.</summary>
    /// <param name="isToBeSaid">By a node that was not the home.</param>
    public void Ended(in AskedStatus asked, bool isToBeSaid)
    {
        if (isToBeSaid)
        {
            Add(asked);
        }

        if (IsAstray(asked))
        {
            if (_astray.TryGetValue(asked.UserId, out int left) && left > 1)
            {
                _astray[asked.UserId] = left - 1;
            }
            else
            {
                _astray.Remove(asked.UserId);
                Say(asked.UserId);
            }
        }
    }

    public void Tick()
    {
        if (shard.Time.Now >= _againMs)
        {
            SayAll();
        }
    }

    private bool IsAstray(AskedStatus asked) => shard.Routing.NodeOf(asked.UserId) != asked.Node;

    private void SayAll()
    {
        _againMs = long.MaxValue;
        foreach (ulong userId in _waiting.Keys.ToArray())
        {
            Say(userId);
        }

        _againMs = Count > 0 ? shard.Time.Now + TryAgainAfterMs : long.MaxValue;
    }

    private void Say(ulong userId)
    {
        if (_astray.ContainsKey(userId) || !_waiting.Remove(userId, out List<AskedStatus>? of))
        {
            return;
        }

        Count -= of.Count;
        foreach (AskedStatus asked in of)
        {
            if (asked.Until <= shard.Time.Now)
            {
                asked.Change.NotDurable(shard.Outbox);
            }
            else
            {
                shard.Homes.Say(asked);
            }
        }
    }
}
