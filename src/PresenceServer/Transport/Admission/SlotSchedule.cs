namespace Presence.Server.Transport.Admission;

/// <summary>
/// A token bucket that gives those who find it empty their place in the time to come: each its own, in the order in which they asked, no more a second than the rate. Who comes
/// back at its slot has its token; who comes before is told the same slot again; who comes much later queues anew. Pure: time is passed in, and rises.
/// </summary>
/// <remarks>
/// What is kept of those who wait is bounded by the rate times the latest slot. Beyond that nobody has a place: they are told to ask again in the second half of that time, at the
/// same rate, so that they do not come together either.
/// </remarks>
internal sealed class SlotSchedule
{
    /// <summary>A client's clock and its network are not exact: so much before its slot it has come in time.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMilliseconds(100);

    /// <summary>So long after its slot it is kept for who is late.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ulong, long> _slots = [];
    // In the order of their slots.
    private readonly Queue<(ulong Key, long Slot)> _order = new();
    private readonly long _each;
    private readonly long _burst;
    private readonly long _latest;

    // When the bucket is full again: each that is let in, now or at its slot, makes it later by one.
    private long _full;
    private long _withoutPlace;
    private long _lastSlot;

    /// <param name="perSecond">The rate, above 0.</param>
    /// <param name="burst">How much of it may come at once, as the time in which it comes back.</param>
    /// <param name="latest">The latest slot.</param>
    public SlotSchedule(double perSecond, TimeSpan burst, TimeSpan latest)
    {
        _each = Math.Max(1, (long)(TimeSpan.TicksPerSecond / perSecond));
        (_burst, _latest) = (burst.Ticks, latest.Ticks);
    }

    /// <summary>Those who have a slot and have not come.</summary>
    /// <param name="now">As for <see cref="Enter"/>: who let its slot pass is not waited for, and nothing is kept of it.</param>
    public int WaitingAt(TimeSpan now)
    {
        Forget(now.Ticks - Late.Ticks);
        return _slots.Count;
    }

    /// <summary>The latest time at which anybody was told to come, on the clock of <see cref="Enter"/>; it may be over.</summary>
    public TimeSpan LastSlot => new(_lastSlot);

    /// <param name="key">Who asks: the same when it comes again.</param>
    /// <param name="now">Rises from call to call.</param>
    /// <returns>Zero: come in. Else how long to stay away.</returns>
    public TimeSpan Enter(ulong key, TimeSpan now)
    {
        Forget(now.Ticks - Late.Ticks);
        if (_slots.TryGetValue(key, out long slot))
        {
            return ComeBack(key, slot, now.Ticks);
        }

        long full = Math.Max(_full, now.Ticks) + _each;
        // When the bucket has a token for it.
        slot = full - _burst;
        if (slot - now.Ticks > _latest)
        {
            return AskAgain(now.Ticks);
        }

        _full = full;
        return slot <= now.Ticks ? TimeSpan.Zero : GiveSlot(key, slot, now.Ticks);
    }

    private TimeSpan ComeBack(ulong key, long slot, long now)
    {
        if (now < slot - Early.Ticks)
        {
            return new TimeSpan(slot - now);
        }

        _slots.Remove(key);
        return TimeSpan.Zero;
    }

    private TimeSpan GiveSlot(ulong key, long slot, long now)
    {
        _slots.Add(key, slot);
        _lastSlot = Math.Max(_lastSlot, slot);
        _order.Enqueue((key, slot));
        return new TimeSpan(slot - now);
    }

    private TimeSpan AskAgain(long now)
    {
        long half = Math.Max(1, _latest / 2);
        long wait = half + (_withoutPlace++ * _each % half);
        _lastSlot = Math.Max(_lastSlot, now + wait);
        return new TimeSpan(wait);
    }

    private void Forget(long before)
    {
        while (_order.TryPeek(out (ulong Key, long Slot) first) && (first.Slot < before || !IsKept(first)))
        {
            _order.Dequeue();
            if (IsKept(first))
            {
                _slots.Remove(first.Key);
            }
        }
    }

    // Who came may have been given another since.
    private bool IsKept((ulong Key, long Slot) one) => _slots.TryGetValue(one.Key, out long slot) && slot == one.Slot;
}
