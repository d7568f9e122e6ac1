using Grpc.Core;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Http;
using Status = Grpc.Core.Status;

namespace Presence.Server.Admin;

/// <summary>
/// Asks shards on behalf of an operator: posts a message to the read lane, behind no client's liveness, and waits for what the shard's thread says.
/// </summary>
internal sealed class ShardQuestions(ShardSet shards)
{
    /// <summary>The device that an operator's status is a lease on; like those of HTTP never a binary client's, whatever that calls its own.</summary>
    public const string LeaseDevice = "presencectl";

    public static async Task<ShardReport> Inspect(ShardHost shard, CancellationToken cancelled)
    {
        TaskCompletionSource<ShardReport> answer = NewAnswer<ShardReport>();
        return await Ask(shard, new ShardInspection(answer.SetResult), answer, cancelled);
    }

    /// <summary>The user as it is, settled first if it is one of before a restart; null when it is not known.</summary>
    public async Task<UserReport?> Inspect(ulong userId, CancellationToken cancelled)
    {
        await Query([userId], cancelled);
        TaskCompletionSource<UserReport?> answer = NewAnswer<UserReport?>();
        var inspection = new UserInspection(userId, answer.SetResult, () => answer.SetException(Unavailable()));
        return await Ask(shards.Of(userId), inspection, answer, cancelled);
    }

    public static async Task<WatchersReport> Watchers(ShardHost shard, ulong userId, int most, CancellationToken cancelled)
    {
        TaskCompletionSource<WatchersReport> answer = NewAnswer<WatchersReport>();
        return await Ask(shard, new WatchersInspection(userId, most, answer.SetResult), answer, cancelled);
    }

    public static async Task<SessionSearchResult> FindSession(ShardHost shard, ulong sessionId, CancellationToken cancelled)
    {
        SessionSearchResult result = default;
        do
        {
            TaskCompletionSource<SessionSearchResult> answer = NewAnswer<SessionSearchResult>();
            result = await Ask(shard, new SessionSearch(sessionId, result.Next, answer.SetResult), answer, cancelled);
        }
        while (result.Next >= 0);
        return result;
    }

    public async Task<PresenceState[]> Query(ulong[] userIds, CancellationToken cancelled)
    {
        TaskCompletionSource<PresenceState[]> answer = NewAnswer<PresenceState[]>();
        return await Ask(shards.Of(userIds[0]), new Question(userIds, answer), answer, cancelled);
    }

    /// <summary>Sets a status on the operator's lease; completes when it is applied.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: a limit of the user was reached.</exception>
    public async Task<PresenceState> SetStatus(ulong userId, V1.Status status, byte[]? text, CancellationToken cancelled)
    {
        TaskCompletionSource<PresenceState> answer = NewAnswer<PresenceState>();
        var lease = new Lease(userId, shards.KeyOf(LeaseDevice), status, text, answer);
        await shards.Of(userId).PostLivenessAsync(lease);
        return await answer.Task.WaitAsync(cancelled);
    }

    private static async Task<T> Ask<T>(ShardHost shard, ReadRequest question, TaskCompletionSource<T> answer, CancellationToken cancelled)
    {
        await shard.PostReadAsync(question);
        return await answer.Task.WaitAsync(cancelled);
    }

    // The shard's thread completes it and must not run what waits for it.
    private static TaskCompletionSource<T> NewAnswer<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static RpcException Unavailable() => new(new Status(StatusCode.Unavailable, "The store cannot answer at the moment; ask again."));

    private sealed class Question(ulong[] userIds, TaskCompletionSource<PresenceState[]> answer) : PresenceQuestion(userIds)
    {
        protected override void Answered(ReadOnlySpan<PresenceState> states) => answer.SetResult(states.ToArray());
    }

    private sealed class Lease(ulong userId, ulong deviceKey, V1.Status status, byte[]? text, TaskCompletionSource<PresenceState> answer)
        : LeaseRequest(userId, deviceKey, status, text)
    {
        protected override void Completed(in PresenceState visible) => answer.SetResult(visible);

        protected override void Refused(string limit, int allowed) => answer.SetException(new RpcException(new Status(
            StatusCode.ResourceExhausted, $"The limit {limit} of the user is {allowed}; nothing was done. Try again when there is room.")));

        // An operator's lease stands on no token.
        protected override void Revoked() => answer.SetException(new RpcException(new Status(StatusCode.Internal, "A lease without a token was revoked.")));

        protected override void NotDurable() => answer.SetException(new RpcException(new Status(
            StatusCode.Unavailable, "The status is shown, but the journal cannot be written at present: a crash may lose it. /readyz says why.")));
    }
}
