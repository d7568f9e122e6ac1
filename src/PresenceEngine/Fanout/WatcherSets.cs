namespace Presence.Engine;

/// <summary>
/// Who watches a user: the slots of connections, ascending, so that a fan-out can stop anywhere and go on behind the last slot it served. One or two
/// watchers are in the user's record, up to <see cref="SmallMax"/> in a list, more in a <see cref="LargeSet"/>.
/// </summary>
internal sealed class WatcherSets(Slab<WatchedUser> users) : IDisposable
{
    /// <summary>Two kilobytes, with the owner of the list.</summary>
    public const int SmallMax = 511;

    // Half of SmallMax: a set at the border does not go to and fro.
    private const int LargeMin = SmallMax / 2;

    private readonly OwnedLists _lists = new();
    private readonly List<LargeSet?> _large = [];
    private readonly Stack<int> _freeLarge = new();

    /// <summary>What the records do not hold.</summary>
    public long Bytes => _lists.Bytes + _large.Sum(static large => large?.Bytes ?? 0);

    public bool Contains(int watched, int slot)
    {
        ref WatchedUser user = ref users[watched];
        return user.Has(WatchedFlags.Large) ? _large[user.Large]!.Contains(slot) : Small(ref user).BinarySearch(slot) >= 0;
    }

    /// <returns>False when the slot was there.</returns>
    public bool Add(int watched, int slot)
    {
        ref WatchedUser user = ref users[watched];
        if (user.Has(WatchedFlags.Large))
        {
            return AddToLarge(ref user, slot);
        }

        int place = Small(ref user).BinarySearch(slot);
        if (place >= 0)
        {
            return false;
        }

        if (user.Count == SmallMax)
        {
            Enlarge(watched);
            return AddToLarge(ref user, slot);
        }

        Resize(watched, user.Count + 1);
        Span<int> slots = Small(ref user);
        slots[~place..^1].CopyTo(slots[(~place + 1)..]);
        slots[~place] = slot;
        return true;
    }

    /// <returns>False when the slot was not there.</returns>
    public bool Remove(int watched, int slot)
    {
        ref WatchedUser user = ref users[watched];
        if (user.Has(WatchedFlags.Large))
        {
            return RemoveFromLarge(watched, slot);
        }

        Span<int> slots = Small(ref user);
        int place = slots.BinarySearch(slot);
        if (place < 0)
        {
            return false;
        }

        slots[(place + 1)..].CopyTo(slots[place..]);
        Resize(watched, slots.Length - 1);
        return true;
    }

    /// <summary>Copies watchers from slot <paramref name="from"/> upwards.</summary>
    /// <returns>How many; fewer than asked means that there are no more.</returns>
    public int Copy(int watched, int from, Span<int> into)
    {
        ref WatchedUser user = ref users[watched];
        if (user.Has(WatchedFlags.Large))
        {
            return _large[user.Large]!.Copy(from, into);
        }

        ReadOnlySpan<int> all = Small(ref user);
        int place = all.BinarySearch(from);
        all = all[(place < 0 ? ~place : place)..];
        int copied = Math.Min(all.Length, into.Length);
        all[..copied].CopyTo(into);
        return copied;
    }

    public void Dispose() => _lists.Dispose();

    // Good until a small set changes its size.
    private Span<int> Small(ref WatchedUser user) => user.IsInRecord ? user.InRecord : _lists.Items(user.List);

    // The first slots stay, as many as there are before and after.
    private void Resize(int watched, int count)
    {
        ref WatchedUser user = ref users[watched];
        ReadOnlySpan<int> old = Small(ref user);
        Span<int> first = stackalloc int[WatchedUser.MostInRecord];
        old[..Math.Min(old.Length, first.Length)].CopyTo(first);
        if (count > WatchedUser.MostInRecord)
        {
            bool wasInRecord = user.IsInRecord;
            ResizeList(watched, count);
            if (wasInRecord)
            {
                first.CopyTo(Small(ref user));
            }
        }
        else
        {
            ResizeList(watched, 0);
            user.KeepInRecord(first[..count]);
        }
    }

    private void ResizeList(int watched, int count)
    {
        ref WatchedUser user = ref users[watched];
        IntList old = user.IsInRecord ? default : user.List;
        user.List = _lists.Resize(old, count, watched, out int moved);
        if (moved != OwnedLists.None)
        {
            users[moved].List = users[moved].List with { Block = old.Block };
        }
    }

    private bool AddToLarge(ref WatchedUser user, int slot)
    {
        LargeSet large = _large[user.Large]!;
        bool added = large.Add(slot);
        user.KeepLarge(user.Large, large.Count);
        return added;
    }

    private bool RemoveFromLarge(int watched, int slot)
    {
        ref WatchedUser user = ref users[watched];
        LargeSet large = _large[user.Large]!;
        bool removed = large.Remove(slot);
        user.KeepLarge(user.Large, large.Count);
        if (large.Count < LargeMin)
        {
            Reduce(watched);
        }

        return removed;
    }

    private void Enlarge(int watched)
    {
        ref WatchedUser user = ref users[watched];
        var large = new LargeSet(Small(ref user));
        if (!_freeLarge.TryPop(out int number))
        {
            number = _large.Count;
            _large.Add(null);
        }

        _large[number] = large;
        ResizeList(watched, 0);
        user.KeepLarge(number, large.Count);
    }

    private void Reduce(int watched)
    {
        ref WatchedUser user = ref users[watched];
        LargeSet large = _large[user.Large]!;
        _large[user.Large] = null;
        _freeLarge.Push(user.Large);
        user.KeepInRecord([]);
        ResizeList(watched, large.Count);
        large.Copy(0, Small(ref user));
    }
}
