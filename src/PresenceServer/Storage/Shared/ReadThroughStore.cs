using Presence.Engine;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// The last-active store of a member of a cluster: what is written goes to the local store, and with the journal to Redis; what is read is the newer of both where another node may have
/// been the user's home since the local record was made.
/// </summary>
/// <remarks>
/// Only reads differ. Which users were present, which records are loaded, how much room there is and which versions were given are questions about this node's disk: what Redis has of others is
/// learned user by user, and versions above all others come with the peers' clocks.
/// </remarks>
internal sealed class ReadThroughStore(
    ILastActiveStore local, SharedRecords shared, RedisLink link, IOwnership ownership, SharedCounts counts) : ILastActiveStore
{
    // Whoever came waits for it, seen by nobody; without an answer the local record is better than none.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public int Loads => local.Loads;

    public ulong MaxVersion => local.MaxVersion;

    public long LastWatermarkMs => local.LastWatermarkMs;

    public bool HasRoomForNewUsers => local.HasRoomForNewUsers;

    public bool IsLoaded(ulong userId) => local.IsLoaded(userId);

    public void Write(in UserRecord record) => local.Write(record);

    /// <summary>
    /// As the port says. Answered on the local store's thread, or on another one when Redis was asked; then reads may overtake each other, but each has what was written before it, for the local
    /// store is read in their order.
    /// </summary>
    public void Read(StoreRead read) => local.Read(new LocalRead(this, read));

    public void Walk(PresentWalk walk) => local.Walk(walk);

    // On the local store's thread.
    private void Answer(LocalRead found, StoreRead asked)
    {
        asked.Failed |= found.Failed;
        found.Records.CopyTo(asked.Records);
        int[] unsure = found.Failed ? [] : Unsure(found.Records);
        if (unsure.Length > 0 && !link.IsAway)
        {
            _ = Task.Run(() => AnswerAsync(asked, unsure));
            return;
        }

        counts.AnsweredLocally.Add(unsure.Length);
        asked.Complete();
    }

    private int[] Unsure(ReadOnlySpan<UserRecord> records)
    {
        List<int> unsure = [];
        for (int place = 0; place < records.Length; place++)
        {
            if (!ownership.HasOwnedSince(records[place].UserId, records[place].Version))
            {
                unsure.Add(place);
            }
        }

        return [.. unsure];
    }

    private async Task AnswerAsync(StoreRead asked, int[] unsure)
    {
        try
        {
            ulong[] users = [.. unsure.Select(place => asked.UserIds[place])];
            UserRecord[] found = await shared.ReadAsync(users, s_patience);
            for (int i = 0; i < unsure.Length; i++)
            {
                ref UserRecord record = ref asked.Records[unsure[i]];
                record = SharedRecordFormat.IsNewer(found[i], record) ? found[i] : record;
            }
        }
        catch (RedisAwayException)
        {
            counts.AnsweredLocally.Add(unsure.Length);
        }
        finally
        {
            asked.Complete();
        }
    }

    private sealed class LocalRead(ReadThroughStore store, StoreRead asked) : StoreRead(asked.UserIds.ToArray(), asked.UserIds.Length)
    {
        public override void Complete() => store.Answer(this, asked);
    }
}
