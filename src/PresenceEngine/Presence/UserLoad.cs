using System.Numerics;

namespace Presence.Engine;

/// <summary>
/// The users of one turn that came and were not in memory: one look-up for all of them. What the store keeps (invisible, version, last active)
/// decides what may be shown, so nothing of them is shown before.
/// </summary>
internal sealed class UserLoad : StoreRead
{
    private readonly Shard _shard;
    private readonly Answer _answer;
    private int[] _entries = [];

    public UserLoad(Shard shard)
    {
        _shard = shard;
        _answer = new Answer(this);
    }

    /// <summary>Where each of the users is; there it stays until it has been loaded.</summary>
    public ReadOnlySpan<int> Entries => _entries.AsSpan(0, UserIds.Length);

    /// <summary>Takes these users; the object is used again once it has been answered.</summary>
    public void Begin(ReadOnlySpan<int> entries)
    {
        Span<ulong> ids = Begin(entries.Length);
        _entries = _entries.Length < entries.Length ? new int[BitOperations.RoundUpToPowerOf2((uint)entries.Length)] : _entries;
        for (int i = 0; i < entries.Length; i++)
        {
            _entries[i] = entries[i];
            ids[i] = _shard.Users[entries[i]].UserId;
        }
    }

    public override void Complete() => _shard.Inbox.PostAnswer(_answer);

    private sealed class Answer(UserLoad load) : ShardMessage
    {
        internal override int Weight => load.UserIds.Length;

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
        internal override void Apply(Shard shard) => shard.Home.Answers.Answer(load);
    }
}

/// <summary>The user of a change that is to be answered with what the store keeps.</summary>
internal sealed class ReportLoad(Shard shard, StatusChange change) : StoreRead([change.UserId], 1)
{
    public StatusChange Change { get; } = change;

    public override void Complete() => shard.Inbox.PostAnswer(new Answer(this));

    private sealed class Answer(ReportLoad load) : ShardMessage
    {
        internal override void Apply(Shard shard) => shard.Home.Answers.Report(load);
    }
}
