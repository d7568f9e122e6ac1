using System.Runtime.CompilerServices;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Http;

/// <summary>
/// Who is shown as there, of all nodes of a cluster: by the records that they share, which change in one step with the stream of changes. So what a record says is what the stream has said, or says behind the
/// cursor that was taken before. What records do not have, status texts, their homes are asked for.
/// </summary>
internal sealed class SharedSnapshot(SharedRecords records, ShardSet shards, TimeProvider time)
{
    // Of one question.
    private const int MostUsers = 1_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_tryAgainEvery = TimeSpan.FromSeconds(1);

    /// <summary>Slice after slice, some of them empty; who is in none of them is offline. Who changes meanwhile may be in two. While Redis is away it waits.</summary>
    public async IAsyncEnumerable<IReadOnlyList<PresenceState>> SlicesAsync([EnumeratorCancellation] CancellationToken cancelled)
    {
        (ulong next, string process) = (0, "");
        bool isOver = false;
        while (!isOver)
        {
            if (await TryLookAsync(next, cancelled) is not { } slice)
            {
                await Task.Delay(s_tryAgainEvery, time, cancelled);
                yield return [];
                continue;
            }

            // Another Redis knows the place of the one before as something else, or not.
            bool isAnew = next != 0 && slice.Process != process;
            (next, process) = (isAnew ? 0 : slice.Next, slice.Process);
            isOver = next == 0 && !isAnew;
            foreach (UserRecord[] part in slice.Records.Chunk(MostUsers))
            {
                yield return await TellAsync(part, cancelled);
            }

            if (slice.Records.Count == 0)
            {
                yield return [];
            }
        }
    }

    private async Task<PresentSlice?> TryLookAsync(ulong from, CancellationToken cancelled)
    {
        try
        {
            return await records.PresentAsync(from, s_patience).WaitAsync(cancelled);
        }
        catch (RedisAwayException)
        {
            return null;
        }
    }

    // A home that knows of something newer has said so, or will, to the stream. One that is asked about somebody whom nobody has named since it is home finds out, and says so too.
    private async Task<IReadOnlyList<PresenceState>> TellAsync(UserRecord[] recorded, CancellationToken cancelled)
    {
        PresenceState[] told = [.. recorded.Select(static record => record.Visible(text: null))];
        ulong[] users = [.. recorded.Select(static record => record.UserId)];
        var question = new PresenceAnswer(users, asker: 0);
        await shards.Of(users[0]).PostReadAsync(question);
        try
        {
            PresenceState[] shown = await question.States.WaitAsync(s_patience, time, cancelled);
            return [.. told.Zip(shown, static (of, by) => (by.Version, by.Status) == (of.Version, of.Status) ? by : of)];
        }
        catch (TimeoutException)
        {
            return told;
        }
    }
}
