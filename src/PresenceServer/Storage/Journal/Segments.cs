namespace Presence.Server.Storage.Journal;

/// <summary>
/// The segments on disk, oldest first, and which of them are still needed. Both limits of the retention are kept by whole segments, but nothing is
/// removed that the oldest checkpoint kept does not hold: to have less, there must be a newer checkpoint.
/// </summary>
internal sealed class Segments(IJournalFiles files, JournalOptions options)
{
    private readonly List<(SegmentHeader Header, long Bytes)> _all = [];

    public long Bytes { get; private set; }

    public int Count => _all.Count;

    public ulong NextNumber => _all is [.., var last] ? last.Header.Number + 1 : 1;

    /// <summary>There is more than a limit allows because the checkpoints kept do not hold it yet.</summary>
    public bool AwaitsCheckpoint { get; private set; }

    public void Add(SegmentHeader header, long bytes)
    {
        _all.Add((header, bytes));
        Bytes += bytes;
    }

    /// <summary>The newest segment has this size now.</summary>
    public void Resize(long bytes)
    {
        Bytes += bytes - _all[^1].Bytes;
        _all[^1] = (_all[^1].Header, bytes);
    }

    /// <summary>The segments that hold all of what this checkpoint may not, oldest first.</summary>
    public IEnumerable<SegmentHeader> Since(ulong checkpoint) => _all.Skip(PlaceOf(checkpoint)).Select(static segment => segment.Header);

    /// <summary>Removes what is over a limit.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="comingBytes">Room that is to be taken next.</param>
    /// <param name="oldestCheckpoint">The oldest that recovery may start from.</param>
    public void Trim(long nowMs, long comingBytes, ulong oldestCheckpoint)
    {
        long keptSinceMs = nowMs - (long)options.Retention.TotalMilliseconds;
        int removable = PlaceOf(oldestCheckpoint);
        for (; removable > 0 && IsTooMuch(keptSinceMs, comingBytes); removable--)
        {
            Remove(0);
        }

        AwaitsCheckpoint = IsTooMuch(keptSinceMs, comingBytes);
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

    private void Remove(int place)
    {
        files.Delete(SegmentNames.Of(_all[place].Header.Number));
        Bytes -= _all[place].Bytes;
        _all.RemoveAt(place);
    }

    // The newest is being written, or will be behind: it is not counted as old.
    private bool IsTooMuch(long keptSinceMs, long comingBytes) =>
        _all.Count > 1 && (Bytes + comingBytes > options.MaxBytes || _all[1].Header.BegunMs <= keptSinceMs);

    // The last that began before the checkpoint did; the first when it began before all of them.
    private int PlaceOf(ulong checkpoint) => Math.Max(0, _all.FindLastIndex(segment => segment.Header.Checkpoint < checkpoint));
}
