namespace Presence.Engine;

/// <summary>
/// The users of one turn that came and were not in memory: one look-up for all of them. What the store keeps (invisible, version, last active)
/// decides what may be shown, so nothing of them is shown before.
/// </summary>
internal sealed class UserLoad(Shard shard, ulong[] ids, int count) : StoreRead(ids, count)
{
    public override void Complete() => shard.Inbox.PostAnswer(new Answer(this));

    private sealed class Answer(UserLoad load) : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.Home.Loaded(load);
    }
}

/// <summary>The users of a question that are not in memory.</summary>
internal sealed class QuestionLoad(Shard shard, Question question, ulong[] ids, int[] places) : StoreRead(ids, places.Length)
{
    public Question Question { get; } = question;

    /// <summary>Where in the question each id stands.</summary>
    public int[] Places { get; } = places;

    public override void Complete() => shard.Inbox.PostAnswer(new Answer(this));

    private sealed class Answer(QuestionLoad load) : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.Home.Answer(load);
    }
}

/// <summary>The user of a change that is to be answered with what the store keeps.</summary>
internal sealed class ReportLoad(Shard shard, StatusChange change) : StoreRead([change.UserId], 1)
{
    public StatusChange Change { get; } = change;

    public override void Complete() => shard.Inbox.PostAnswer(new Answer(this));

    private sealed class Answer(ReportLoad load) : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.Home.Report(load);
    }
}
