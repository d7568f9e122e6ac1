using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>The part of a record that the wheel threads its lists through.</summary>
internal struct WheelLink
{
    /// <summary>Next record in the same list, or <see cref="TimingWheel.None"/>.</summary>
    public int Next;

    /// <summary>Previous record. Means nothing for the first of a list, nor while not armed.</summary>
    public int Previous;

    // The tick it is armed for, with FarBit while it is in a far list; 0 = not armed.
    private uint _deadline;

    private const uint FarBit = 1u << 31;

    public readonly bool IsArmed => _deadline != 0;

    /// <summary>The tick it is armed for; 0 = not armed.</summary>
    public readonly uint Deadline => _deadline & ~FarBit;

    /// <summary>Too far away for the slots.</summary>
    public readonly bool IsFar => (_deadline & FarBit) != 0;

    public void Arm(uint deadline, bool far) => _deadline = far ? deadline | FarBit : deadline;

    public void Disarm() => _deadline = 0;
}

internal static class TimingWheel
{
    public const int TickMs = 100;
    public const int None = -1;

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
/// Deadlines of a shard in ticks of 100 ms. One level of slots for what is due within three minutes, and far lists that are sorted into the
/// slots as the hand comes near. Arm and cancel are O(1); lists are intrusive, so the wheel itself costs its slots and nothing an entry.
/// Who fires decides whether the deadline still stands (lazy re-arm): the wheel is never touched by a heartbeat. One thread only.
/// </summary>
/// <remarks>
/// A list whose records lie anywhere in memory is walked at the speed of one miss a record. So a wheel with many records splits each slot into several lists
/// and takes from them by turns, with the next of each list on its way into the cache. Which list a record is in follows from its node and its deadline,
/// so that the first of a list needs no mark that would have to be written into it when the one before is taken.
/// </remarks>
internal sealed class TimingWheel<TNodes>
    where TNodes : struct, IWheelNodes
{
    /// <summary>A wheel with fewer records than this keeps one list a slot: they are in the cache anyway.</summary>
    public const int Few = 16_384;

    private const int Slots = 2048;
    private const int ManyLists = 32;

    // How often the far lists are looked through: each time half the near slots have passed.
    private const uint FarSweep = Slots / 2;

    private readonly TNodes _nodes;
    private int _lists = 1;
    private int[] _heads = Empty((Slots + 1) * 1);
    private int _list;

    public TimingWheel(TNodes nodes, uint nowTick)
    {
        _nodes = nodes;
        Hand = nowTick;
    }

    /// <summary>The tick whose slot is being emptied; all before it have fired.</summary>
    public uint Hand { get; private set; }

    public int Armed { get; private set; }

    /// <summary>Arms a record that may be armed already. A deadline that has passed fires at the next advance.</summary>
    public void Arm(int node, uint deadline)
    {
        ref WheelLink link = ref _nodes.Link(node);
        if (link.IsArmed)
        {
            Unlink(node, ref link);
            Armed--;
        }

        Insert(node, ref link, Math.Max(deadline, 1));
        Armed++;
        if (Armed == Few && _lists == 1)
        {
            Split();
        }
    }

    public void Cancel(int node)
    {
        ref WheelLink link = ref _nodes.Link(node);
        if (link.IsArmed)
        {
            Unlink(node, ref link);
            link.Disarm();
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
            taken += TakeFromHand(due[taken..]);
            if (taken == due.Length || Hand >= nowTick)
            {
                return taken;
            }

            Hand++;
            if (Hand % FarSweep == 0)
            {
                SortFarLists();
            }

            PrefetchHand();
        }
    }

    // One of each list by turns; a list that is empty is passed over.
    private int TakeFromHand(Span<int> due)
    {
        Span<int> heads = Lists((int)(Hand % Slots));
        int taken = 0;
        for (int empty = 0; taken < due.Length && empty < heads.Length; _list++)
        {
            ref int head = ref heads[_list & (heads.Length - 1)];
            int node = head;
            if (node == TimingWheel.None)
            {
                empty++;
                continue;
            }

            empty = 0;
            ref WheelLink link = ref _nodes.Link(node);
            head = link.Next;
            if (head != TimingWheel.None)
            {
                _nodes.Prefetch(head);
            }

            link.Disarm();
            Armed--;
            due[taken++] = node;
        }

        return taken;
    }

    private void PrefetchHand()
    {
        foreach (int head in Lists((int)(Hand % Slots)))
        {
            if (head != TimingWheel.None)
            {
                _nodes.Prefetch(head);
            }
        }
    }

    // Invariant: a near slot holds only records of one tick in [Hand, Hand + Slots), so its lists are due as a whole.
    private void Insert(int node, ref WheelLink link, uint deadline)
    {
        uint tick = Math.Max(deadline, Hand);
        link.Arm(tick, far: tick - Hand >= Slots);
        ref int head = ref HeadOf(node, link);
        link.Next = head;
        if (head != TimingWheel.None)
        {
            _nodes.Link(head).Previous = node;
        }

        head = node;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlink(int node, ref WheelLink link)
    {
        ref int head = ref HeadOf(node, link);
        if (head == node)
        {
            head = link.Next;
            return;
        }

        _nodes.Link(link.Previous).Next = link.Next;
        if (link.Next != TimingWheel.None)
        {
            _nodes.Link(link.Next).Previous = link.Previous;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int HeadOf(int node, in WheelLink link)
    {
        int slot = link.IsFar ? Slots : (int)(link.Deadline % Slots);
        return ref _heads[(slot * _lists) + ((node >> 1) & (_lists - 1))];
    }

    private Span<int> Lists(int slot) => _heads.AsSpan(slot * _lists, _lists);

    private void SortFarLists()
    {
        Span<int> lists = Lists(Slots);
        for (int i = 0; i < lists.Length; i++)
        {
            int first = lists[i];
            lists[i] = TimingWheel.None;
            InsertAll(first);
        }
    }

    // From one list a slot to several: once, while the records are still few.
    private void Split()
    {
        int[] before = _heads;
        _lists = ManyLists;
        _heads = Empty((Slots + 1) * ManyLists);
        foreach (int first in before)
        {
            InsertAll(first);
        }
    }

    private void InsertAll(int node)
    {
        while (node != TimingWheel.None)
        {
            ref WheelLink link = ref _nodes.Link(node);
            int next = link.Next;
            Insert(node, ref link, link.Deadline);
            node = next;
        }
    }

    private static int[] Empty(int lists)
    {
        var heads = new int[lists];
        Array.Fill(heads, TimingWheel.None);
        return heads;
    }
}
