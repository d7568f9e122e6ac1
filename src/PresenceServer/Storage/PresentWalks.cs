using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>
/// Walks over the users who are recorded as not OFFLINE, or over all (<see cref="WholeWalk"/>), a slice a turn of the store's thread, each in its turn. Bounded by the walk objects of those who ask.
/// </summary>
/// <param name="tables">What is walked; one that is being loaded, or made anew, is waited for.</param>
internal sealed class PresentWalks(RecordTables tables)
{
    // Looked at for a slice, whoever they are: a turn is no longer for it than for a slice of a checkpoint, however many are OFFLINE.
    private const int PlacesOfSlice = 1 << 15;

    // A place is in a walk: the table above; how often it had been renewed, in 16 bits; the place in it below.
    private const int TableShift = 48;
    private const int RenewalsShift = 32;

    private readonly Lock _gate = new();
    private readonly List<PresentWalk> _waiting = [];
    private PresentWalk? _chosen;
    private bool _closed;

    /// <summary>Any thread. False when the store has stopped.</summary>
    public bool TryAdd(PresentWalk walk)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _waiting.Add(walk);
            }

            return !_closed;
        }
    }

    /// <summary>Says whose turn it is. What was written before is to be applied before <see cref="Step"/>: it was written before the slice was asked for.</summary>
    public void Choose()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 && _waiting.FindIndex(walk => MayWalk(TableOf(walk))) is >= 0 and var at)
            {
                _chosen = _waiting[at];
                _waiting.RemoveAt(at);
            }
        }
    }

    /// <summary>Answers the one that was chosen. False when there was none.</summary>
    public bool Step()
    {
        if (_chosen is not { } walk)
        {
            return false;
        }

        walk.Begin();
        Fill(walk);
        _chosen = null;
        walk.Complete();
        return true;
    }

    /// <summary>The one that was chosen and not answered is told so.</summary>
    public void FailChosen()
    {
        PresentWalk? walk = _chosen;
        _chosen = null;
        walk?.Fail();
    }

    /// <summary>The store stops; nobody is left waiting.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        _waiting.ForEach(static walk => walk.Fail());
        _waiting.Clear();
    }

    private static int TableOf(PresentWalk walk) => (int)(walk.Place >> TableShift);

    private bool MayWalk(int table) => tables.Owns(table) && !tables[table].IsBeingRenewed;

    private void Fill(PresentWalk walk)
    {
        int table = TableOf(walk);
        var renewals = (ushort)tables[table].Renewals;
        // A table that has been renewed since the slice before is walked anew: who is met twice is no worse than who is not met.
        int place = (ushort)(walk.Place >> RenewalsShift) == renewals ? (int)walk.Place : 0;
        bool hasMore = true;
        for (int end = place + PlacesOfSlice; place < end && !walk.IsFull && hasMore; place++)
        {
            hasMore = tables.TryWalk(table, place, walk is WholeWalk, out UserRecord found);
            if (found.Version != 0 && walk.Wants(found.UserId))
            {
                walk.Add(found);
            }
        }

        (table, place) = hasMore ? (table, place) : (table + 1, 0);
        walk.IsOver = table == tables.TableCount;
        walk.Place = ((long)table << TableShift) | ((long)renewals << RenewalsShift) | (uint)place;
    }
}
