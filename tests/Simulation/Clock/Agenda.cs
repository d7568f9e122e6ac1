using System.Numerics;
using System.Runtime.ExceptionServices;

namespace Presence.Simulation;

/// <summary>
/// Simulated time and what happens in it, in milliseconds. What is due at the same time happens in the order in which it was asked for. What is due soon stands in a
/// list for each millisecond, everything else in a heap until it is soon.
/// </summary>
/// <param name="mostAtOnce">More happens within a millisecond only where something goes round for ever.</param>
internal sealed class Agenda(long mostAtOnce)
{
    private const int SoonMs = 1 << 13;
    private const int BitsOfWord = 64;

    private readonly List<Action>?[] _soon = new List<Action>?[SoonMs];

    // A bit for each of those that has something.
    private readonly ulong[] _used = new ulong[SoonMs / BitsOfWord];
    private readonly Stack<List<Action>> _spare = new();
    private readonly PriorityQueue<Action, Moment> _later = new();
    private ExceptionDispatchInfo? _broken;
    private long _asked;

    // Of what is due now.
    private int _done;
    private long _happenedBefore;

    /// <summary>The monotonic clock of everybody; its origin means nothing, and 0 would hide mistakes.</summary>
    public long Now { get; private set; } = 5_000_000;

    /// <summary>What has happened so far.</summary>
    public long Happened { get; private set; }

    public void At(long ms, Action act)
    {
        ms = Math.Max(ms, Now);
        if (ms - Now < SoonMs)
        {
            Add(ms, act);
        }
        else
        {
            _later.Enqueue(act, new(ms, _asked++));
        }
    }

    public void In(long ms, Action act) => At(Now + ms, act);

    /// <summary>Lets time pass; what is due after <paramref name="endMs"/> stays.</summary>
    public void RunUntil(long endMs)
    {
        while (_broken is null && TryStep(endMs))
        {
        }

        _broken?.Throw();
        Advance(Math.Max(Now, endMs));
    }

    /// <summary>
    /// What happens now waits, as a thread of its own that waits for a disk, and everything else goes on meanwhile. What goes wrong in that ends the run,
    /// whatever the waiting code makes of it.
    /// </summary>
    public void WaitWhile(Func<bool> isWaiting)
    {
        try
        {
            while (_broken is null && isWaiting() && TryStep(long.MaxValue))
            {
            }
        }
        catch (Exception e)
        {
            Break(e);
            throw;
        }
    }

    /// <summary>The run is to end with this, as soon as whatever happens now is over; for those whose caller would not pass it on.</summary>
    public void Break(Exception e) => _broken ??= ExceptionDispatchInfo.Capture(e);

    private bool TryStep(long endMs)
    {
        long next = NextMs();
        if (next > endMs || next == long.MaxValue)
        {
            return false;
        }

        Advance(next);
        Happened++;
        if (Happened - _happenedBefore > mostAtOnce)
        {
            throw new ViolationException("livelock", $"{mostAtOnce} events, and no time passes");
        }

        Take()();
        return true;
    }

    private void Add(long ms, Action act)
    {
        int slot = SlotOf(ms);
        (_soon[slot] ??= _spare.TryPop(out List<Action>? spare) ? spare : []).Add(act);
        _used[slot / BitsOfWord] |= 1UL << slot;
    }

    // The first of those due now that has not happened.
    private Action Take()
    {
        int slot = SlotOf(Now);
        List<Action> due = _soon[slot]!;
        Action act = due[_done++];
        if (_done == due.Count)
        {
            (_soon[slot], _done) = (null, 0);
            _used[slot / BitsOfWord] &= ~(1UL << slot);
            due.Clear();
            _spare.Push(due);
        }

        return act;
    }

    // Whatever became soon by that was asked for before what will be asked for the same time.
    private void Advance(long ms)
    {
        _happenedBefore = ms > Now ? Happened : _happenedBefore;
        Now = ms;
        while (_later.TryPeek(out Action? act, out Moment moment) && moment.Ms - Now < SoonMs)
        {
            _later.Dequeue();
            Add(moment.Ms, act);
        }
    }

    private long NextMs()
    {
        int slot = SlotOf(Now);
        int word = slot / BitsOfWord;
        ulong bits = _used[word] & (ulong.MaxValue << slot);
        for (int i = 0; i <= _used.Length; i++)
        {
            if (bits != 0)
            {
                int found = (word * BitsOfWord) + BitOperations.TrailingZeroCount(bits);
                return Now + SlotOf(found - slot);
            }

            word = (word + 1) % _used.Length;
            bits = _used[word];
        }

        return _later.TryPeek(out _, out Moment moment) ? moment.Ms : long.MaxValue;
    }

    private static int SlotOf(long ms) => (int)(ms & (SoonMs - 1));

    private readonly record struct Moment(long Ms, long Order) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => Ms != other.Ms ? Ms.CompareTo(other.Ms) : Order.CompareTo(other.Order);
    }
}
