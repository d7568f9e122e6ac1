using Presence.Protocol;

namespace Presence.Engine;

// What an edge tells the home of a user, as values: on one node they are applied in the same turn, between nodes they are sent.

/// <summary>A device came, or came back with another status.</summary>
/// <param name="Hidden">Its user is invisible from now on.</param>
internal readonly record struct DeviceUp(ulong UserId, ulong DeviceKey, ulong SessionId, bool Hidden);

/// <summary>A device is gone.</summary>
/// <param name="LastSeenMs">Unix ms of its last sign of life.</param>
/// <param name="TookMs">As <see cref="Detection"/> says.</param>
internal readonly record struct DeviceDown(ulong UserId, ulong DeviceKey, ulong SessionId, long LastSeenMs, TransitionCause Cause, long TookMs);

/// <summary>Questions of one edge to one home; the same object comes back with the answers.</summary>
internal sealed class Question(ShardAddress asker, PendingAnswer pending, ulong[] userIds, int[] positions) : PeerMessage
{
    public ShardAddress Asker { get; } = asker;

    public PendingAnswer Pending { get; } = pending;

    public ulong[] UserIds { get; } = userIds;

    /// <summary>Where in the request each id stands.</summary>
    public int[] Positions { get; } = positions;

    public PresenceState[] States { get; } = new PresenceState[userIds.Length];

    /// <summary>What watchers have been told of each, by whatever home; null: nothing that matters.</summary>
    public PresenceState[]? Told { get; init; }

    /// <summary>The asker is one of the users asked about, and invisible: no part of the states, which others see too.</summary>
    public bool AskerIsInvisible { get; set; }

    public bool IsAnswered { get; set; }

    internal override int Weight => UserIds.Length;

    internal override void Apply(Shard shard)
    {
        if (IsAnswered)
        {
            shard.Watching.Answered(this);
        }
        else
        {
            shard.Home.Answers.Ask(this);
        }
    }
}
