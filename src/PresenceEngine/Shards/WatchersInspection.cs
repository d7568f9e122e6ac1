namespace Presence.Engine;

/// <summary>Who of this shard watches a user now, and to how many the last changes of that user were handed?</summary>
/// <param name="userId">Of any shard.</param>
/// <param name="most">Watchers that are named.</param>
/// <param name="answer">Called once, on the shard's thread; must neither block nor throw.</param>
public sealed class WatchersInspection(ulong userId, int most, Action<WatchersReport> answer) : ReadRequest([])
{
    internal override void Apply(Shard shard)
    {
        int watched = shard.WatchIndex.Find(userId);
        List<ulong> named = [];
        if (watched >= 0)
        {
            Span<int> slots = stackalloc int[Math.Min(most, shard.WatchIndex[watched].Count)];
            foreach (int slot in slots[..shard.WatchIndex.CopyWatchers(watched, fromSlot: 0, slots)])
            {
                named.Add(shard.Connections[slot].UserId);
            }
        }

        answer(new(watched >= 0 ? shard.WatchIndex[watched].Count : 0, named, shard.Links.Watchers.Count, shard.Fanout.Handed.Of(userId), shard.Fanout.Handed.SinceMs));
    }
}

/// <param name="Watchers">Connections that watch.</param>
/// <param name="Named">Users of the first of them; 0 for an operator's watch.</param>
/// <param name="LinksThatWatchAll">Gateway links of this shard that are told of everybody.</param>
/// <param name="Handed">Of the last changes, oldest first.</param>
/// <param name="HandedSinceMs">Unix milliseconds: what was decided since then and is not in <paramref name="Handed"/> was handed to nobody of this shard.</param>
public sealed record WatchersReport(
    int Watchers, IReadOnlyList<ulong> Named, int LinksThatWatchAll, IReadOnlyList<HandedCount> Handed, long HandedSinceMs);
