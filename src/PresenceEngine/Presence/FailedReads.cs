namespace Presence.Engine;

/// <summary>What the store could not answer; asked again a tick later. Nothing is shown of a user meanwhile: it may be invisible.</summary>
internal sealed class FailedReads(Shard shard)
{
    private List<StoreRead> _failed = [];

    /// <returns>True when the read has failed: its records say nothing, and it will be back.</returns>
    public bool Takes(StoreRead read)
    {
        if (read.Failed)
        {
            _failed.Add(read);
        }

        return read.Failed;
    }

    public void Retry()
    {
        if (_failed.Count == 0)
        {
            return;
        }

        List<StoreRead> again = _failed;
        _failed = [];
        foreach (StoreRead read in again)
        {
            read.Failed = false;
            shard.Store.Read(read);
        }
    }
}
