namespace Presence.Engine;

/// <summary>
/// Reads that found a user online as of the previous process. What to make of that is judged in memory alone: the record may be older than what has become of
/// the user since it was read, who may have come and gone. So the user is loaded, and the read repeated behind that.
/// </summary>
internal sealed class EarlyReads(Shard shard)
{
    private List<StoreRead> _waiting = [];

    /// <returns>True when the read has to wait, and will be back.</returns>
    public bool Takes(StoreRead read)
    {
        bool waits = false;
        for (int i = 0; i < read.UserIds.Length; i++)
        {
            shard.Versions.Merge(read.Records[i].Version);
            // One whose home is another by now is that one's to judge.
            waits |= Recovery.Concerns(read.Records[i]) && shard.Routing.IsHere(read.UserIds[i]) && IsLoading(read.UserIds[i]);
        }

        if (waits)
        {
            _waiting.Add(read);
        }

        return waits;
    }

    /// <summary>Users have been loaded.</summary>
    public void Repeat()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        List<StoreRead> again = _waiting;
        _waiting = [];
        again.ForEach(shard.Store.Read);
    }

    // One that is not in memory begins to be, if there is room.
    private bool IsLoading(ulong userId)
    {
        int entry = shard.Users.Find(userId);
        return entry < 0 ? Recovery.TryJudge(shard, userId) : shard.Users[entry].Has(UserFlags.Loading);
    }
}
