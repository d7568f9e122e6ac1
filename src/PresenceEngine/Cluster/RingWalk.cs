using System.Collections;

namespace Presence.Engine;

/// <summary>
/// Goes through all users in memory when the ring has changed: who has moved away is given up and named to the new home, who has come is taken over, who has moved between others is named. In bounded slices: until its turn a
/// user stays as it was.
/// </summary>
internal sealed class RingWalk(Shard shard)
{
    private const short Nobody = -1;

    private readonly UserTable _users = shard.Users;
    private readonly int _slice = shard.Options.Budget.WalkedUsers;

    // By slice: the node to which our sessions have been named, or nobody, since another ring had them elsewhere meanwhile.
    private readonly short[] _namedTo = [.. Enumerable.Repeat(Nobody, Ring.Slices)];

    // Slices that were ours by a ring since a walk was over, and those of them that are ours again though no walk has given them up in between: who is in memory there is as it was, but for those who have come, or were taken over, since.
    private readonly BitArray _had = new(Ring.Slices);
    private readonly BitArray _again = new(Ring.Slices);
    private readonly HashSet<ulong> _taken = [];
    private int _next = -1;
    private bool _isUnderWay;

    public bool IsUnderWay => _isUnderWay;

    /// <summary>Our sessions count as named to nobody any more.</summary>
    public void Forget() => Array.Fill(_namedTo, Nobody);

    /// <summary>A user has come whose home is here, or is taken over.</summary>
    public void Taken(ulong userId)
    {
        if (_isUnderWay && _again[shard.Routing.Table!.SliceOf(userId)])
        {
            _taken.Add(userId);
        }
    }

    /// <summary>The user, here again, is as it was before another was its home.</summary>
    public bool IsAsBefore(ulong userId) => _again[shard.Routing.Table!.SliceOf(userId)] && !_taken.Contains(userId);

    /// <summary>Another ring is to be followed.</summary>
    /// <param name="before">The one until now; null: none was.</param>
    public void Begin(RoutingTable table, RoutingTable? before)
    {
        _taken.RemoveWhere(userId => table.NodeOf(userId) != shard.Address.Node);
        // All slices at once: the shards of all nodes do this while everybody waits.
        BitArray here = table.SlicesOf(shard.Address.Node);
        _again.Or(before is null ? new BitArray(Ring.Slices, true) : new BitArray(before.SlicesOf(shard.Address.Node)).Not());
        _again.And(_had).And(here);
        _had.Or(here);
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

        for (int looked = 0; looked < _slice && _next >= 0; looked++, _next--)
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
        _again.SetAll(false);
        _taken.Clear();
        RoutingTable table = shard.Routing.Table!;
        _had.SetAll(false);
        _had.Or(table.SlicesOf(shard.Address.Node));
        for (int slice = 0; slice < Ring.Slices; slice++)
        {
            _namedTo[slice] = (short)table.NodeOfSlice(slice);
        }

        return true;
    }

    private void Look(int entry)
    {
        ulong userId = _users[entry].UserId;
        if (!shard.Home.HandOver.Follow(entry) && !shard.Routing.IsHere(userId) && _namedTo[shard.Routing.Table!.SliceOf(userId)] == Nobody)
        {
            shard.Nodes!.Homes.Name(entry);
        }
    }
}
