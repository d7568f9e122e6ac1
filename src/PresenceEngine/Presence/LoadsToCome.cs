namespace Presence.Engine;

/// <summary>
/// Users who have come while the store cannot say yet what it keeps of them, because it has just started: they are asked for when it can. At most the users
/// of the shard.
/// </summary>
internal sealed class LoadsToCome(Shard shard)
{
    // Users looked at a turn.
    private const int Slice = 4_096;

    private readonly List<(int Entry, ulong UserId)> _waiting = [];

    // Where the walk goes on, downwards; what the store had loaded when it began.
    private int _next = -1;
    private int _loads;

    public int Count => _waiting.Count;

    /// <summary>There is more to look at than a turn may.</summary>
    public bool IsUnderWay => _next >= 0;

    public void Add(int entry, ulong userId) => _waiting.Add((entry, userId));

    /// <summary>Moves those who can be asked for to <paramref name="ready"/>; only looks when the store has loaded more.</summary>
    public void Take(List<int> ready)
    {
        if (!IsUnderWay && shard.Loads != _loads)
        {
            _loads = shard.Loads;
            _next = _waiting.Count - 1;
        }

        for (int looked = 0; looked < Slice && IsUnderWay; looked++, _next--)
        {
            (int entry, ulong userId) = _waiting[_next];
            if (shard.CanKnow(userId) || !shard.Routing.IsHere(userId))
            {
                ready.Add(entry);
                _waiting[_next] = _waiting[^1];
                _waiting.RemoveAt(_waiting.Count - 1);
            }
        }

        if (_waiting.Count == 0)
        {
            _waiting.TrimExcess();
        }
    }
}
