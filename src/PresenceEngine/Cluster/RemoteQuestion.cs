using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What another node asks; answered as it is, since the one who asked decides what its client is told.</summary>
internal sealed class RemoteQuestion(Shard shard, ShardAddress from, PeerQuestion question) : PresenceQuestion(question.UserIds, question.Asker)
{
    internal override bool IsForHomesHere => true;

    internal override PresenceState[]? Told => question.Told;

    internal override void Complete(PendingAnswer pending) =>
        shard.Nodes!.To(from.Node)?.Answer(new(question.Id, pending.States, pending.AskerIsInvisible));

    protected internal override void Answered(ReadOnlySpan<PresenceState> states) => throw new NotSupportedException("It is completed as a whole.");
}
