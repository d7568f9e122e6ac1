using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>The part of a record that the wheel threads its lists through.</summary>
internal struct WheelLink
{
    /// <summary>Next record in the same slot, or <see cref="TimingWheel.None"/>.</summary>
    public int Next;

    /// <summary>Previous record, or <c>~slot</c> for the first in a slot. Means nothing while not armed.</summary>
    public int Previous;

    /// <summary>The tick it is armed for; 0 = not armed.</summary>
    public uint Deadline;

    public readonly bool IsArmed => Deadline != 0;
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
/// Deadlines of a shard in ticks of 100 ms. One level of slots for what is due within three minutes, and a far list that is sorted into the
/// slots as the hand comes near. Arm and cancel are O(1); lists are intrusive, so the wheel itself costs its slots and nothing an entry.
/// Who fires decides whether the deadline still stands (lazy re-arm): the wheel is never touched by a heartbeat. One thread only.
/// </summary>
internal sealed class TimingWheel<TNodes>
    where TNodes : struct, IWheelNodes
{
    private const int Slots = 2048;
    private const int FarSlot = Slots;

    // How often the far list is looked through: each time half the near slots have passed.
    private const uint FarSweep = Slots / 2;

    private readonly int[] _heads = new int[Slots + 1];
    private readonly TNodes _nodes;

    public TimingWheel(TNodes nodes, uint nowTick)
    {
        _nodes = nodes;
        Hand = nowTick;
        Array.Fill(_heads, TimingWheel.None);
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
            Unlink(ref link);
            Armed--;
        }

        link.Deadline = Math.Max(deadline, 1);
        Insert(node, ref link);
        Armed++;
    }

    public void Cancel(int node)
    {
        ref WheelLink link = ref _nodes.Link(node);
        if (link.IsArmed)
        {
            Unlink(ref link);
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
            taken += TakeFromHand(due[taken..]);
            if (taken == due.Length || Hand >= nowTick)
            {
                return taken;
            }

            Hand++;
            if (Hand % FarSweep == 0)
            {
                SortFarList();
            }
        }
    }

    private int TakeFromHand(Span<int> due)
    {
        ref int head = ref _heads[Hand % Slots];
        int taken = 0;
        while (taken < due.Length && head != TimingWheel.None)
        {
            int node = head;
            ref WheelLink link = ref _nodes.Link(node);
            Unlink(ref link);
            link.Deadline = 0;
            Armed--;
            due[taken++] = node;
        }

        return taken;
    }

    // Invariant: a near slot holds only records of one tick in [Hand, Hand + Slots), so its list is due as a whole.
    private void Insert(int node, ref WheelLink link)
    {
        uint tick = Math.Max(link.Deadline, Hand);
        int slot = tick - Hand < Slots ? (int)(tick % Slots) : FarSlot;
        int next = _heads[slot];
        link.Next = next;
        link.Previous = ~slot;
        if (next != TimingWheel.None)
        {
            _nodes.Link(next).Previous = node;
        }

        _heads[slot] = node;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Unlink(ref WheelLink link)
    {
        if (link.Previous < 0)
        {
            _heads[~link.Previous] = link.Next;
        }
        else
        {
            _nodes.Link(link.Previous).Next = link.Next;
        }

        if (link.Next != TimingWheel.None)
        {
            _nodes.Link(link.Next).Previous = link.Previous;
        }
    }

    private void SortFarList()
    {
        int node = _heads[FarSlot];
        _heads[FarSlot] = TimingWheel.None;
        while (node != TimingWheel.None)
        {
            ref WheelLink link = ref _nodes.Link(node);
            int next = link.Next;
            Insert(node, ref link);
            node = next;
        }
    }
}
