using Presence.Engine;

namespace Presence.Simulation;

/// <summary>
/// What the home has had stored of a user, in order, without what must not be found any more after a crash: something later of it is durable, or was
/// acknowledged.
/// </summary>
internal sealed class StoredHistory
{
    // The first is what must be found at least; at the beginning, that there is no record.
    private readonly List<UserRecord> _records = [default];
    private int _left;
    private ulong _invisibleUnder;

    /// <summary>How many there were ever.</summary>
    public int Count => _left + _records.Count;

    /// <summary>As many as that, the last of which is in the journal.</summary>
    public int Journaled { get; private set; } = 1;

    /// <summary>The next process has found this: what came later is lost.</summary>
    public void BeginWith(in UserRecord found)
    {
        int place = _records.LastIndexOf(found);
        bool isJournaled = place >= 0 && place < Journaled - _left;
        Journaled = isJournaled ? _left + place + 1 : Journaled;
        _records.RemoveRange(Journaled - _left, Count - Journaled);
        Promise(Journaled);
        if (!isJournaled)
        {
            Add(found, isJournaled: false);
        }
    }

    /// <param name="record">What was stored.</param>
    /// <param name="isJournaled">False of what a clean stop stores: should that checkpoint be damaged, what came before is found.</param>
    public void Add(in UserRecord record, bool isJournaled)
    {
        _records.Add(record);
        _invisibleUnder = (record.Flags & UserRecordFlags.Invisible) != 0 ? record.Version : _invisibleUnder;
        Journaled = isJournaled ? Count : Journaled;
    }

    /// <summary>The last of the first so many, or a later one, is to be found from now on.</summary>
    public void Promise(int count) => Leave(Math.Min(count, Journaled) - _left - 1);

    /// <summary>One of this version or above is to be found from now on.</summary>
    public void PromiseVersion(ulong version) => Leave(_records.FindIndex(record => record.Version >= version));

    /// <summary>This one is durable.</summary>
    public void PromiseRecord(in UserRecord durable) => Promise(_left + _records.LastIndexOf(durable) + 1);

    /// <summary>This may be found.</summary>
    /// <param name="found">What there is.</param>
    /// <param name="mayBeLater">Its times may be those of an earlier record of the same version, which were later.</param>
    public bool MayBe(in UserRecord found, bool mayBeLater) => _records.Contains(found) || (mayBeLater && MayBeButForTimes(found));

    /// <summary>The user was invisible under this version, or is.</summary>
    public bool WasInvisible(ulong version) => _invisibleUnder == version;

    public override string ToString() => string.Join(", ", _records);

    private bool MayBeButForTimes(UserRecord found) => _records.Exists(record =>
        record.LastActiveMs <= found.LastActiveMs && record.TrueLastActiveMs <= found.TrueLastActiveMs
        && record == found with { LastActiveMs = record.LastActiveMs, TrueLastActiveMs = record.TrueLastActiveMs });

    private void Leave(int count)
    {
        if (count > 0)
        {
            _records.RemoveRange(0, count);
            _left += count;
        }
    }
}
