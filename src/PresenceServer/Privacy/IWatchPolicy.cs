namespace Presence.Server.Privacy;

/// <summary>
/// Decides whom a user may see. Asked at every Watch, Query and question over HTTP, for all ids of the request in one call; never for oneself, and not for back-ends,
/// whose scopes are permission enough (gateway links, the change feed, operators). What it says holds for a watch as long as that lasts: until Unwatch, the next Watch of
/// the same user, or the end of the connection.
/// </summary>
/// <remarks>
/// It is asked on threads of the pool, many requests at a time, up to <c>Presence:WatchPolicy:Concurrency</c>; it answers within <c>Presence:WatchPolicy:Timeout</c>. One
/// that throws or is late fails closed: the request is refused with UNAVAILABLE as a whole, and nothing of it is done. Whom it hides is to the watcher a user who was
/// never seen, in every byte. Who only needs the decision of another program names its URL (<see cref="HttpWatchPolicy"/>); another implementation is registered before
/// the node is composed.
/// </remarks>
internal interface IWatchPolicy
{
    /// <summary>Whom of these the watcher may not see.</summary>
    /// <param name="watcher">The <c>sub</c> of its token.</param>
    /// <param name="watched">At most <c>Presence:Limits:WatchIds</c> or <c>QueryIds</c>; the watcher is not among them.</param>
    /// <param name="cancel">Nobody waits for the answer any more.</param>
    ValueTask<IReadOnlySet<ulong>> HiddenAsync(ulong watcher, IReadOnlyCollection<ulong> watched, CancellationToken cancel);
}
