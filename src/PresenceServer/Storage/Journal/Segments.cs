namespace Presence.Server.Storage.Journal;

/// <summary>
/// The segments on disk, oldest first, and which of them are still needed. Both limits of the retention are kept by whole segments, but nothing is
/// removed that the oldest checkpoint kept does not hold: to have less, there must be a newer checkpoint.
/// </summary>
internal sealed class Segments(IJournalFiles files, JournalOptions options)
{
    private readonly List<SegmentSpan> _all = [];
    private SegmentSpan[]? _copy;

    /// <summary>As they are now, oldest first; what is returned does not change.</summary>
    public IReadOnlyList<SegmentSpan> All => _copy ??= [.. _all];

    public long Bytes { get; private set; }

    public int Count => _all.Count;

    public ulong NextNumber => _all is [.., var last] ? last.Header.Number + 1 : 1;

    /// <summary>Of the newest of which anything is durable; 0 when there is none.</summary>
    public ulong NewestNumber => _all.FindLast(static segment => segment.Bytes > SegmentHeader.Bytes).Header.Number;

    /// <summary>There is more than a limit allows because the checkpoints kept do not hold it yet.</summary>
    public bool AwaitsCheckpoint { get; private set; }

    public void Add(SegmentHeader header, long bytes)
    {
        _all.Add(new(header, bytes));
        _copy = null;
        Bytes += bytes;
    }

    /// <summary>The newest segment has this size now.</summary>
    public void Resize(long bytes) => Resize(_all.Count - 1, bytes);

    /// <summary>A segment of an earlier process has this size now.</summary>
    public void Resize(ulong number, long bytes) => Resize(_all.FindIndex(segment => segment.Header.Number == number), bytes);

    /// <summary>The segments that hold all of what this checkpoint may not, oldest first.</summary>
    public IEnumerable<SegmentHeader> Since(ulong checkpoint) => _all.Skip(PlaceOf(checkpoint)).Select(static segment => segment.Header);

    /// <summary>Removes what is over a limit.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="comingBytes">Room that is to be taken next.</param>
    /// <param name="oldestCheckpoint">The oldest that recovery may start from.</param>
    public void Trim(long nowMs, long comingBytes, ulong oldestCheckpoint)
    {
        int removable = PlaceOf(oldestCheckpoint);
        for (; removable > 0 && IsTooMuch(nowMs, comingBytes); removable--)
        {
            Remove(0);
        }

        AwaitsCheckpoint = IsTooMuch(nowMs, comingBytes);
    }

    /// <summary>Nothing of the newest segment is durable. Does what can be done: a disk that fails may not even forget it.</summary>
    public void DropNewest()
    {
        Resize(0);
        try
        {
            Remove(_all.Count - 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays in the list, to go with the retention.
        }
    }

    private void Resize(int place, long bytes)
    {
        Bytes += bytes - _all[place].Bytes;
        _all[place] = _all[place] with { Bytes = bytes };
        _copy = null;
    }

    private void Remove(int place)
    {
        files.Delete(SegmentNames.Of(_all[place].Header.Number));
        Bytes -= _all[place].Bytes;
        _all.RemoveAt(place);
        _copy = null;
    }

    // The newest is being written, or will be behind: it is not counted as old.
    private bool IsTooMuch(long nowMs, long comingBytes) =>
        _all.Count > 1 && (Bytes + comingBytes > options.MaxBytes || EndedBy(nowMs) <= nowMs - (long)options.Retention.TotalMilliseconds);

    // When the oldest had ended at the latest: when one behind it began. Those that were begun while the wall clock was ahead do not say.
    private long EndedBy(long nowMs)
    {
        int place = _all.FindIndex(1, segment => segment.Header.BegunMs <= nowMs);
        return place > 0 ? _all[place].Header.BegunMs : nowMs;
    }

    // The last that began before the checkpoint did; the first when it began before all of them.
    private int PlaceOf(ulong checkpoint) => Math.Max(0, _all.FindLastIndex(segment => segment.Header.Checkpoint < checkpoint));
}
