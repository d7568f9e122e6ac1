using Presence.Engine;

namespace Presence.Server.Cluster.Rehearsing;

/// <summary>A store and a journal that keep nothing and answer at once.</summary>
internal sealed class NothingKept : ILastActiveStore, IJournal, IJournalLane
{
    public int Loads => 0;

    public ulong MaxVersion => 0;

    public long LastWatermarkMs => -1;

    public bool HasRoomForNewUsers => true;

    public bool IsLoaded(ulong userId) => true;

    public void Write(in UserRecord record)
    {
    }

    public void Read(StoreRead read) => read.Complete();

    public void Walk(PresentWalk walk)
    {
        walk.Begin();
        walk.IsOver = true;
        walk.Complete();
    }

    public IJournalLane Open(int shard) => this;

    public void Append(in JournalEntry entry)
    {
    }

    public void AppendWatermark(long wallMs, ulong clock)
    {
    }

    public void HandOver(JournalCommit? commit) => commit?.Complete();
}
