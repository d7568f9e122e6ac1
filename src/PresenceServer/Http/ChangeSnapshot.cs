using System.Runtime.CompilerServices;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;

namespace Presence.Server.Http;

/// <summary>Who is shown as there: first who was online before a restart, then shard after shard, in slices: nobody is held up by it, and nothing of it is kept.</summary>
internal sealed class ChangeSnapshot(ShardSet shards, ILastActiveStore store)
{
    /// <summary>Slice after slice; who is in none of them is offline. Who changes, or comes back after a restart, meanwhile may be in two.</summary>
    /// <param name="clocks">Gets of each shard the clock up to which the journal has to be durable, for all of it to be.</param>
    /// <param name="cancelled">Nobody wants the rest.</param>
    /// <exception cref="IOException">The store has stopped.</exception>
    public async IAsyncEnumerable<IReadOnlyList<PresenceState>> SlicesAsync(
        Dictionary<int, ulong> clocks, [EnumeratorCancellation] CancellationToken cancelled)
    {
        // In front of who is in memory: whoever comes back on the way is met there, as that is no transition and the journal says nothing of it.
        var walk = new Walk();
        while (store.LastWatermarkMs >= 0 && !walk.IsOver)
        {
            UserRecord[] recorded = await walk.NextAsync(store, cancelled);
            foreach (IGrouping<ShardHost, UserRecord> ofShard in recorded.GroupBy(record => shards.Of(record.UserId)))
            {
                TaskCompletionSource<IReadOnlyList<PresenceState>> answer = NewAnswer<IReadOnlyList<PresenceState>>();
                await ofShard.Key.PostReadAsync(new RecoveringUsers([.. ofShard], answer.SetResult));
                yield return await answer.Task.WaitAsync(cancelled);
            }
        }

        foreach (ShardHost shard in shards.All)
        {
            for (int next = 0; next >= 0;)
            {
                TaskCompletionSource<PresentUsersResult> answer = NewAnswer<PresentUsersResult>();
                await shard.PostReadAsync(new PresentUsers(next, answer.SetResult));
                PresentUsersResult slice = await answer.Task.WaitAsync(cancelled);
                (next, clocks[shard.Number]) = (slice.Next, slice.Clock);
                yield return slice.Present;
            }
        }
    }

    // The shard's thread completes it and must not run what waits for it.
    private static TaskCompletionSource<T> NewAnswer<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Walk : PresentWalk
    {
        private TaskCompletionSource<UserRecord[]> _slice = NewAnswer<UserRecord[]>();

        public Task<UserRecord[]> NextAsync(ILastActiveStore store, CancellationToken cancelled)
        {
            _slice = NewAnswer<UserRecord[]>();
            store.Walk(this);
            return _slice.Task.WaitAsync(cancelled);
        }

        public override bool Wants(ulong userId) => true;

        public override void Complete()
        {
            if (Failed)
            {
                _slice.SetException(new IOException("The last-active store cannot be looked through."));
            }
            else
            {
                _slice.SetResult(Records.ToArray());
            }
        }
    }
}
