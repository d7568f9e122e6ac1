namespace Presence.Engine;

/// <summary>
/// Who watches a user: the slots of connections, ascending, so that a fan-out can stop anywhere and go on behind the last slot it served. One watcher
/// costs nothing beyond the record, up to <see cref="SmallMax"/> one block, more a <see cref="LargeSet"/>.
/// </summary>
internal sealed class WatcherSets(IntArena arena)
{
    public const int SmallMax = 512;

    // Half of SmallMax: a set at the border does not go to and fro.
    private const int LargeMin = SmallMax / 2;

    private readonly List<LargeSet?> _large = [];
    private readonly Stack<int> _freeLarge = new();

    public bool Contains(in WatchedUser user, int slot) =>
        user.Has(WatchedFlags.Large)
            ? _large[user.Watchers]!.Contains(slot)
            : user.Count == 1 ? user.Watchers == slot : user.Count > 0 && Small(user).BinarySearch(slot) >= 0;

    /// <returns>False when the slot was there.</returns>
    public bool Add(ref WatchedUser user, int slot)
    {
        if (user.Has(WatchedFlags.Large))
        {
            bool added = _large[user.Watchers]!.Add(slot);
            user.Count += added ? 1 : 0;
            return added;
        }

        if (Contains(user, slot))
        {
            return false;
        }

        if (user.Count == SmallMax)
        {
            Enlarge(ref user);
            return Add(ref user, slot);
        }

        AddToSmall(ref user, slot);
        return true;
    }

    /// <returns>False when the slot was not there.</returns>
    public bool Remove(ref WatchedUser user, int slot)
    {
        if (!user.Has(WatchedFlags.Large))
        {
            return RemoveFromSmall(ref user, slot);
        }

        if (!_large[user.Watchers]!.Remove(slot))
        {
            return false;
        }

        if (--user.Count < LargeMin)
        {
            Reduce(ref user);
        }

        return true;
    }

    /// <summary>Copies watchers from slot <paramref name="from"/> upwards.</summary>
    /// <returns>How many; fewer than asked means that there are no more.</returns>
    public int Copy(in WatchedUser user, int from, Span<int> into)
    {
        if (user.Has(WatchedFlags.Large))
        {
            return _large[user.Watchers]!.Copy(from, into);
        }

        ReadOnlySpan<int> all = user.Count == 1 ? new ReadOnlySpan<int>(in user.Watchers) : Small(user);
        int place = all.BinarySearch(from);
        all = all[(place < 0 ? ~place : place)..];
        int copied = Math.Min(all.Length, into.Length);
        all[..copied].CopyTo(into);
        return copied;
    }

    private Span<int> Small(in WatchedUser user) => user.Count == 0 ? default : arena.Block(user.Watchers, user.Count);

    private void AddToSmall(ref WatchedUser user, int slot)
    {
        int count = user.Count;
        if (count == 0)
        {
            user.Watchers = slot;
            user.Count = 1;
            return;
        }

        Span<int> old = count == 1 ? [user.Watchers] : Small(user);
        int place = ~old.BinarySearch(slot);
        int oldCapacity = count == 1 ? 0 : IntArena.CapacityFor(count);
        int capacity = IntArena.CapacityFor(count + 1);
        int offset = capacity == oldCapacity ? user.Watchers : arena.Allocate(capacity);
        Span<int> grown = arena.Block(offset, count + 1);
        old[place..].CopyTo(grown[(place + 1)..]);
        old[..place].CopyTo(grown);
        grown[place] = slot;
        Replace(ref user, offset, oldCapacity);
        user.Count = count + 1;
    }

    private bool RemoveFromSmall(ref WatchedUser user, int slot)
    {
        if (!Contains(user, slot))
        {
            return false;
        }

        int count = user.Count;
        if (count == 1)
        {
            user.Count = 0;
            return true;
        }

        Span<int> old = Small(user);
        int place = old.BinarySearch(slot);
        old[(place + 1)..].CopyTo(old[place..]);
        int oldCapacity = IntArena.CapacityFor(count);
        user.Count = count - 1;
        if (count == 2)
        {
            int last = old[0];
            arena.Free(user.Watchers, oldCapacity);
            user.Watchers = last;
        }
        else if (IntArena.CapacityFor(count - 1) is var capacity && capacity != oldCapacity)
        {
            int offset = arena.Allocate(capacity);
            old[..^1].CopyTo(arena.Block(offset, count - 1));
            Replace(ref user, offset, oldCapacity);
        }

        return true;
    }

    private void Replace(ref WatchedUser user, int offset, int oldCapacity)
    {
        if (oldCapacity > 0 && offset != user.Watchers)
        {
            arena.Free(user.Watchers, oldCapacity);
        }

        user.Watchers = offset;
    }

    private void Enlarge(ref WatchedUser user)
    {
        var large = new LargeSet(Small(user));
        arena.Free(user.Watchers, IntArena.CapacityFor(user.Count));
        if (!_freeLarge.TryPop(out int number))
        {
            number = _large.Count;
            _large.Add(null);
        }

        _large[number] = large;
        user.Watchers = number;
        user.Set(WatchedFlags.Large, true);
    }

    private void Reduce(ref WatchedUser user)
    {
        LargeSet large = _large[user.Watchers]!;
        _large[user.Watchers] = null;
        _freeLarge.Push(user.Watchers);
        int offset = arena.Allocate(IntArena.CapacityFor(user.Count));
        large.Copy(0, arena.Block(offset, user.Count));
        user.Watchers = offset;
        user.Set(WatchedFlags.Large, false);
    }
}
