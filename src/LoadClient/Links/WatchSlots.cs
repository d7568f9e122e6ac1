namespace Presence.LoadClient.Links;

/// <summary>
/// Whom the direct watchers watch: users who will change, spread evenly over the run, so that every watcher is told of something now and
/// then from the beginning to the end.
/// </summary>
internal static class WatchSlots
{
    /// <param name="stories">Turns that users will take in the run.</param>
    /// <param name="watches">Of each watcher; not more than there are users.</param>
    /// <returns>By watcher: ids, ascending, none twice.</returns>
    public static ulong[][] Draw(ChangePlan plan, Population population, long stories, int watchers, int watches)
    {
        long pool = Math.Clamp(stories, watches, population.Users);
        long slots = (long)watchers * watches;
        return [.. Enumerable.Range(0, watchers).Select(Of)];

        // Slots of one watcher are pool / watches stories apart: at least one.
        ulong[] Of(int watcher) =>
        [
            .. Enumerable.Range(0, watches)
                .Select(watch => (long)Math.BigMul((ulong)(((long)watch * watchers) + watcher), (ulong)pool) / slots)
                .Select(story => population.IdOf(plan.UserOf(story)))
                .Order(),
        ];
    }
}
