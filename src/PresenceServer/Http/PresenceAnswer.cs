using Presence.Engine;
using Presence.Protocol;

namespace Presence.Server.Http;

/// <summary>A question to the shards and, in time, its answer.</summary>
internal sealed class PresenceAnswer(ulong[] userIds, ulong asker) : PresenceQuestion(userIds, asker)
{
    private readonly TaskCompletionSource<PresenceState[]> _states = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One for each id, in order.</summary>
    public Task<PresenceState[]> States => _states.Task;

    protected override void Answered(ReadOnlySpan<PresenceState> states) => _states.TrySetResult(states.ToArray());
}
