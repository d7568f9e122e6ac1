namespace Presence.Engine;

/// <summary>
/// Goes through all users in memory when the ring has changed: who has moved away is given up and named to the new home, who has come is taken over, who has moved between others is named. In bounded slices: until its turn a
/// user stays as it was.
/// </summary>
internal sealed class RingWalk(Shard shard)
{
    private const short Nobody = -1;

    // Entries looked at a turn.
    private const int Slice = 4_096;

    private readonly UserTable _users = shard.Users;

    // By slice: the node to which our sessions have been named, or nobody, since another ring had them elsewhere meanwhile.
    private readonly short[] _namedTo = [.. Enumerable.Repeat(Nobody, Ring.Slices)];
    private int _next = -1;
    private bool _isUnderWay;

    public bool IsUnderWay => _isUnderWay;

    /// <summary>Our sessions count as named to nobody any more.</summary>
    public void Forget() => Array.Fill(_namedTo, Nobody);

    public void Begin(RoutingTable table)
    {
        for (int slice = 0; slice < Ring.Slices; slice++)
        {
            if (_namedTo[slice] != table.NodeOfSlice(slice))
            {
                _namedTo[slice] = Nobody;
            }
        }

        _next = _users.HighWater - 1;
        _isUnderWay = true;
    }

    /// <returns>True when it has just come to its end.</returns>
    public bool Advance()
    {
        if (!_isUnderWay)
        {
            return false;
        }

        for (int looked = 0; looked < Slice && _next >= 0; looked++, _next--)
        {
            if (_users.IsUsed(_next))
            {
                Look(_next);
            }
        }

        if (_next >= 0)
        {
            return false;
        }

        _isUnderWay = false;
        for (int slice = 0; slice < Ring.Slices; slice++)
        {
            _namedTo[slice] = (short)shard.Routing.Table!.NodeOfSlice(slice);
        }

        return true;
    }

    private void Look(int entry)
    {
        ulong userId = _users[entry].UserId;
        bool wasHere = !_users[entry].Has(UserFlags.Elsewhere);
        bool isHere = shard.Routing.IsHere(userId);
        if (wasHere && (!isHere || (shard.Nodes!.Warming.Concerns(userId) && !_users[entry].Has(UserFlags.Warming))))
        {
            // Here again, it may be, but it was another's in between.
            shard.Home.HandOver.GiveUp(entry);
            if (isHere && _users.Find(userId) == entry)
            {
                shard.Home.HandOver.TakeOver(entry);
            }
        }
        else if (!wasHere && isHere)
        {
            shard.Home.HandOver.TakeOver(entry);
        }
        else if (!isHere && _namedTo[shard.Routing.Table!.SliceOf(userId)] == Nobody)
        {
            shard.Nodes!.Homes.Name(entry);
        }
    }
}
