namespace Presence.Engine.Tests;

/// <summary>A journal in memory whose disk answers when the test says so, and whose lines can be read.</summary>
internal sealed class FakeJournal : IJournal
{
    private readonly List<Lane> _lanes = [];

    /// <summary>False: commits wait for <see cref="CommitAll"/>.</summary>
    public bool CommitsAtOnce { get; set; } = true;

    /// <summary>The disk takes nothing: who asks is told so.</summary>
    public bool Fails { get; set; }

    /// <summary>Commits that nobody has answered.</summary>
    public int Open => _lanes.Count(static lane => lane.Asked is not null);

    /// <summary>All that was appended, durable or not, in the order of each shard.</summary>
    public IEnumerable<JournalEntry> Entries => _lanes.SelectMany(static lane => lane.Entries);

    /// <summary>The watermarks of each shard, Unix ms.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Watermarks => [.. _lanes.Select(static lane => lane.Watermarks)];

    IJournalLane IJournal.Open(int shard)
    {
        Assert.Equal(_lanes.Count, shard);
        var lane = new Lane(this);
        _lanes.Add(lane);
        return lane;
    }

    /// <summary>The last that was appended of a user.</summary>
    public JournalEntry LastOf(ulong userId) => Entries.Last(entry => entry.User.UserId == userId);

    public void CommitAll()
    {
        foreach (Lane lane in _lanes)
        {
            lane.Answer();
        }
    }

    /// <summary>The process is killed: the store has what a checkpoint held, and what the journal gives back.</summary>
    public void RecoverInto(FakeStore store)
    {
        foreach (JournalEntry entry in _lanes.SelectMany(static lane => lane.Durable))
        {
            store.Write(entry.User);
        }
    }

    private sealed class Lane(FakeJournal journal) : IJournalLane
    {
        private int _durable;

        public List<JournalEntry> Entries { get; } = [];

        public List<long> Watermarks { get; } = [];

        public JournalCommit? Asked { get; private set; }

        public IEnumerable<JournalEntry> Durable => Entries.Take(_durable);

        public void Append(in JournalEntry entry)
        {
            Assert.NotEqual(0UL, entry.User.Version);
            Entries.Add(entry);
        }

        public void AppendWatermark(long wallMs, ulong clock) => Watermarks.Add(wallMs);

        public void HandOver(JournalCommit? commit)
        {
            Assert.True(commit is null || Asked is null, "asked twice");
            Asked = commit ?? Asked;
            if (journal.CommitsAtOnce)
            {
                Answer();
            }
        }

        public void Answer()
        {
            _durable = journal.Fails ? _durable : Entries.Count;
            if (Asked is { } asked)
            {
                Asked = null;
                asked.Failed = journal.Fails;
                asked.Complete();
            }
        }
    }
}
