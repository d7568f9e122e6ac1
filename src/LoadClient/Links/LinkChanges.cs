using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>
/// The changes of one link's users: says those that are due, each kind in a frame of its own, and keeps count of how far it is. What comes
/// due while the link is away waits; that is bounded by the changes of the run.
/// </summary>
internal sealed class LinkChanges(GatewayLink gateway, LinkUsers users, LoadPlan plan)
{
    /// <summary>How long after the server has taken a change a state without it may still be seen.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int MostAtATime = 8_192;

    private static readonly Status[] _kinds = [Status.Offline, Status.Online, Status.Away, Status.Busy];

    private readonly Queue<Change> _pending = new();
    private readonly Settling _settling = new(Grace);
    private readonly ulong[] _ids = new ulong[MostAtATime];
    private readonly Change[] _batch = new Change[MostAtATime];
    private bool _isNaming;
    // The number of the last frame with changes.
    private ulong _saidBy;

    public long Said { get; private set; }

    /// <summary>What is due is not said yet.</summary>
    public bool AreHeldBack { get; set; }

    /// <summary>The server has taken all that was said.</summary>
    public bool AreTaken => gateway.AckedSeq >= _saidBy;

    /// <summary>Due and not said.</summary>
    public int Pending => _pending.Count;

    /// <summary>All changes of this link's users with lower numbers have been said.</summary>
    public long SaidBelow => _pending.TryPeek(out Change first) ? first.Number : plan.Changes.Taken;

    /// <summary>Since when the link is there: what came due before could not be said earlier.</summary>
    public TimeSpan BackAt { get; private set; }

    public void Add(in Change change) => _pending.Enqueue(change);

    /// <summary>All changes of this link's users with lower numbers must be visible by now.</summary>
    public long SettledBelow(TimeSpan now) => _settling.Below(gateway.AckedSeq, now);

    /// <param name="mustName">What the server has not taken is forgotten, until the set has been named again.</param>
    public void OnLive(TimeSpan now, bool mustName)
    {
        (BackAt, _isNaming) = (now, mustName);
        if (mustName)
        {
            _settling.Forget();
            _saidBy = 0;
        }
    }

    /// <summary>The set was named, with all that had been said.</summary>
    public void OnNamed()
    {
        _isNaming = false;
        _settling.Add(gateway.LastSeq, SaidBelow);
    }

    /// <summary>Says what is due, as far as the log has room.</summary>
    public void Say(TimeSpan now)
    {
        while (_pending.Count > 0 && !AreHeldBack && gateway.HasRoomFor(MostAtATime))
        {
            ReadOnlySpan<Change> batch = TakeBatch(now);
            foreach (Status kind in _kinds)
            {
                Say(kind, batch);
            }

            _saidBy = gateway.LastSeq;
            if (!_isNaming)
            {
                _settling.Add(_saidBy, SaidBelow);
            }
        }
    }

    // Two changes of one user never go into one batch: frames are by kind and would turn their order.
    private ReadOnlySpan<Change> TakeBatch(TimeSpan now)
    {
        long end = _pending.Peek().Number + plan.Changes.Plan.Apart;
        int count = 0;
        while (count < Math.Min(MostAtATime, gateway.MostIds) && _pending.TryPeek(out Change change) && change.Number < end)
        {
            _batch[count++] = _pending.Dequeue();
            TimeSpan due = plan.Changes.DueAt(change.Number);
            plan.ChangeLateness.Add(now - (due > BackAt ? due : BackAt));
        }

        Said += count;
        return _batch.AsSpan(0, count);
    }

    private void Say(Status kind, ReadOnlySpan<Change> batch)
    {
        int count = 0;
        foreach (ref readonly Change change in batch)
        {
            if (change.Status == kind)
            {
                _ids[count++] = plan.Population.IdOf(change.User);
                Mark(plan.Population.PlaceOf(change.User), kind);
            }
        }

        if (count > 0)
        {
            ReadOnlySpan<ulong> ids = _ids.AsSpan(0, count);
            gateway.Say(
                kind == Status.Offline ? SessionsVerb.Down : SessionsVerb.Up, ids, kind == Status.Offline ? Status.Unspecified : kind);
        }
    }

    // From here on the user's heartbeats are left out, or go on.
    private void Mark(long place, Status kind)
    {
        if (kind == Status.Offline)
        {
            users.Absent.Add(place);
        }
        else
        {
            users.Absent.Remove(place);
        }
    }
}
