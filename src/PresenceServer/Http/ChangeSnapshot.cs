using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;

namespace Presence.Server.Http;

/// <summary>Who is shown as there, shard after shard in slices: nobody is held up by it, and nothing of it is kept.</summary>
internal sealed class ChangeSnapshot(ShardSet shards, ILastActiveStore store)
{
    /// <summary>A problem while there are users of before a restart whom no shard has in memory; null when all can be named.</summary>
    public async Task<Problem?> NotYetAsync(CancellationToken cancelled)
    {
        bool isFirst = store.LastWatermarkMs < 0;
        foreach (ShardHost shard in isFirst ? [] : shards.All)
        {
            var answer = NewAnswer<ShardReport>();
            await shard.PostReadAsync(new ShardInspection(answer.SetResult));
            ShardReport report = await answer.Task.WaitAsync(cancelled);
            if (report.RecoveringForMs > 0)
            {
                return Problem.Overloaded("The server has just started and waits for who was online before; it cannot name all yet.", (uint)report.RecoveringForMs);
            }
        }

        return null;
    }

    /// <summary>Slice after slice; who is in none of them is offline.</summary>
    public async IAsyncEnumerable<IReadOnlyList<PresenceState>> SlicesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancelled)
    {
        foreach (ShardHost shard in shards.All)
        {
            for (int next = 0; next >= 0;)
            {
                var answer = NewAnswer<PresentUsersResult>();
                await shard.PostReadAsync(new PresentUsers(next, answer.SetResult));
                PresentUsersResult slice = await answer.Task.WaitAsync(cancelled);
                next = slice.Next;
                yield return slice.Present;
            }
        }
    }

    // The shard's thread completes it and must not run what waits for it.
    private static TaskCompletionSource<T> NewAnswer<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
