using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>The part of a record that the wheel keeps in it.</summary>
internal struct WheelLink
{
    /// <summary>Where in the wheel's lists the record is. Means nothing while not armed.</summary>
    public int Place;

    /// <summary>The tick it is armed for; 0 = not armed.</summary>
    public uint Deadline;

    public readonly bool IsArmed => Deadline != 0;
}

internal static class TimingWheel
{
    public const int TickMs = 100;
    public const int None = -1;

    /// <summary>Records that are taken best at a time.</summary>
    public const int Batch = SlotLists.Batch;

    /// <summary>The first tick that is not before an engine time, so that nothing fires early.</summary>
    public static uint TickAtOrAfter(long engineMs) => (uint)((engineMs + TickMs - 1) / TickMs);

    public static uint TickAt(long engineMs) => (uint)(engineMs / TickMs);
}

internal interface IWheelNodes
{
    ref WheelLink Link(int node);

    /// <summary>Begins to bring the record of a node into the cache.</summary>
    void Prefetch(int node);
}

/// <summary>
/// Deadlines of a shard in ticks of 100 ms. One level of slots for what is due within three minutes, and far slots that are sorted into the
/// near ones, a part a tick, as the hand comes near. Arm and cancel are O(1). Who fires decides whether the deadline still stands (lazy
/// re-arm): the wheel is never touched by a heartbeat. One thread only.
/// </summary>
/// <remarks>
/// A slot is a list of nodes in blocks, four bytes each, and not a list through the records: the next nodes are known before their records
/// are touched, so that taking them waits for many misses at the same time instead of one after the other, and arming touches no record but
/// the one that is armed.
/// </remarks>
internal sealed class TimingWheel<TNodes> : IDisposable
    where TNodes : struct, IWheelNodes
{
    private const int NearSlots = 2048;

    // How often what is far is looked through, in ticks: each time half the near slots have passed; and within how many of them all of it.
    private const uint FarSweep = NearSlots / 2;
    private const int FarSlices = NearSlots / 4;

    private readonly SlotLists _lists = new(NearSlots + 2);
    private readonly TNodes _nodes;

    // Of the two far slots one takes what comes and the other is being sorted.
    private int _farSlot = NearSlots;
    private int _sortedATick;

    public TimingWheel(TNodes nodes, uint nowTick)
    {
        _nodes = nodes;
        Hand = nowTick;
    }

    /// <summary>The tick whose slot is being emptied; all before it have fired.</summary>
    public uint Hand { get; private set; }

    public int Armed { get; private set; }

    public long Bytes => _lists.Bytes;

    private int SortedSlot => NearSlots + NearSlots + 1 - _farSlot;

    /// <summary>Arms a record that may be armed already. A deadline that has passed fires at the next advance.</summary>
    public void Arm(int node, uint deadline) => Arm(node, ref _nodes.Link(node), deadline);

    /// <summary>The same for who has the record's link at hand.</summary>
    public void Arm(int node, ref WheelLink link, uint deadline)
    {
        if (link.IsArmed)
        {
            Remove(link.Place);
        }
        else
        {
            Armed++;
        }

        Insert(node, ref link, Math.Max(deadline, 1));
    }

    public void Cancel(int node)
    {
        ref WheelLink link = ref _nodes.Link(node);
        if (link.IsArmed)
        {
            Remove(link.Place);
            link.Deadline = 0;
            Armed--;
        }
    }

    /// <summary>Takes up to <c>due.Length</c> records that are due at <paramref name="nowTick"/>; they are no longer armed.</summary>
    /// <returns>How many were taken; fewer than asked means that all that is due has been taken.</returns>
    public int TakeDue(uint nowTick, Span<int> due)
    {
        int taken = 0;
        while (true)
        {
            taken += Take((int)(Hand % NearSlots), due[taken..]);
            if (taken == due.Length || Hand >= nowTick)
            {
                break;
            }

            Hand++;
            SortFar();
        }

        foreach (int node in due[..taken])
        {
            _nodes.Link(node).Deadline = 0;
        }

        Armed -= taken;
        return taken;
    }

    /// <summary>
    /// Begins to bring a record into the cache that the next <see cref="TakeDue"/> will take. Called once for each record of the present
    /// one, so that waiting for memory and judging deadlines go on at the same time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchNext(int number)
    {
        int node = _lists.PeekLast((int)(Hand % NearSlots), number);
        if (node != TimingWheel.None)
        {
            _nodes.Prefetch(node);
        }
    }

    public void Dispose() => _lists.Dispose();

    private int Take(int slot, Span<int> nodes)
    {
        int taken = _lists.TakeLast(slot, nodes);
        foreach (int node in nodes[..taken])
        {
            _nodes.Prefetch(node);
        }

        return taken;
    }

    // Invariant: a near slot holds only records of one tick in [Hand, Hand + NearSlots), so it is due as a whole.
    private void Insert(int node, ref WheelLink link, uint deadline)
    {
        uint tick = Math.Max(deadline, Hand);
        link.Deadline = tick;
        link.Place = _lists.Add(tick - Hand < NearSlots ? (int)(tick % NearSlots) : _farSlot, node);
    }

    // The last of the slot takes the place that becomes free.
    private void Remove(int place)
    {
        int moved = _lists.RemoveAt(place);
        if (moved != TimingWheel.None)
        {
            _nodes.Link(moved).Place = place;
        }
    }

    // What is far at its arming is 2,048 ticks away: within 1,024 its slot is the one that is sorted, and within 512 more that is done.
    private void SortFar()
    {
        if (Hand % FarSweep == 0)
        {
            _farSlot = SortedSlot;
            _sortedATick = (_lists.Count(SortedSlot) + FarSlices - 1) / FarSlices;
        }

        Span<int> nodes = stackalloc int[64];
        for (int left = _sortedATick; left > 0; left -= nodes.Length)
        {
            int taken = Take(SortedSlot, nodes[..Math.Min(left, nodes.Length)]);
            foreach (int node in nodes[..taken])
            {
                ref WheelLink link = ref _nodes.Link(node);
                Insert(node, ref link, link.Deadline);
            }
        }
    }
}
