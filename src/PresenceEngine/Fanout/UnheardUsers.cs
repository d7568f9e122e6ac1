namespace Presence.Engine;

/// <summary>
/// Watched users of whom their home can say nothing while the node's store is being loaded: their watchers were told UNKNOWN, and the home is asked again as soon as
/// it can. The mark is in the watch index, so nobody is in here twice or after the last watcher has left.
/// </summary>
internal sealed class UnheardUsers(Shard shard)
{
    // Records looked at a turn.
    private const int Slice = 4_096;

    private readonly WatchIndex _index = shard.WatchIndex;

    // Where the walk goes on, downwards; what the store had loaded when it began.
    private int _next = -1;
    private int _loads;

    /// <summary>There is more to look at than a turn may.</summary>
    public bool IsUnderWay => _next >= 0;

    /// <summary>The home knows nothing yet.</summary>
    public void Add(int watched)
    {
        _index.SetUnheard(watched);
        if (shard.CanKnow(_index[watched].UserId))
        {
            // It does by now: the answer was on its way, and a walk that would have found the user may be over.
            _loads = shard.Loads - 1;
        }
    }

    /// <summary>Names those whose home can be asked again; only looks when the store has loaded more.</summary>
    public void Take(List<ulong> ready)
    {
        if (!IsUnderWay && shard.Loads != _loads)
        {
            _loads = shard.Loads;
            _next = _index.Unheard > 0 ? _index.HighWater - 1 : -1;
        }

        for (int looked = 0; looked < Slice && IsUnderWay; looked++, _next--)
        {
            ref WatchedUser user = ref _index[_next];
            if (user.IsUnheard && shard.CanKnow(user.UserId))
            {
                ready.Add(user.UserId);
            }
        }
    }
}
