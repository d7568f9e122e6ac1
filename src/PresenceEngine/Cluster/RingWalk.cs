namespace Presence.Engine;

/// <summary>
/// Goes through all users in memory when the ring has changed: who has moved away is given up and named to the new home, who has come is taken over, who has moved between others is named. In bounded slices: until its turn a
/// user stays as it was.
/// </summary>
internal sealed class RingWalk(Shard shard)
{
    // Entries looked at a turn.
    private const int Slice = 4_096;

    private readonly UserTable _users = shard.Users;

    // By which all in memory stand; null: alone.
    private RoutingTable? _walked;
    private int _next = -1;
    private bool _isUnderWay;

    public bool IsUnderWay => _isUnderWay;

    public void Begin()
    {
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

        (_isUnderWay, _walked) = (false, shard.Routing.Table);
        return true;
    }

    private void Look(int entry)
    {
        ulong userId = _users[entry].UserId;
        bool wasHere = !_users[entry].Has(UserFlags.Elsewhere);
        bool isHere = shard.Routing.IsHere(userId);
        if (wasHere && !isHere)
        {
            shard.Home.GiveUp(entry);
        }
        else if (!wasHere && isHere)
        {
            shard.Home.TakeOver(entry);
        }
        else if (!isHere && _walked?.NodeOf(userId) != shard.Routing.HomeOf(userId).Node)
        {
            shard.Nodes!.Homes.Name(entry);
        }
    }
}
