using Microsoft.Extensions.Logging.Abstractions;
using Presence.Engine;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>A journal without its thread, on a disk and a clock of the test.</summary>
internal sealed class JournalFixture : IDisposable
{
    private readonly List<JournalLane> _lanes = [];
    private readonly UserHash _hash = new(7);

    public JournalFixture() => Start();

    public FakeFiles Files { get; } = new();

    public SetWallClock Time { get; } = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    public JournalOptions Options { get; set; } = new() { MaxBytes = JournalOptions.MinMaxBytes };

    public LaneLimits Limits { get; set; } = LaneLimits.Default;

    public JournalWriter Writer { get; private set; } = null!;

    public CommitLoop Loop { get; private set; } = null!;

    public Checkpoints Checkpoints { get; private set; } = null!;

    public JournalReplay Replay { get; private set; } = null!;

    public JournalTail Tail { get; private set; } = null!;

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public string[] SegmentFiles => [.. Files.Names().Order()];

    public JournalLane Lane(int shard = 0)
    {
        while (_lanes.Count <= shard)
        {
            var lane = new JournalLane(_lanes.Count, _hash, new Signal(), Limits);
            Loop.Add(lane, new LaneBatch(_lanes.Count, _hash));
            _lanes.Add(lane);
        }

        return _lanes[shard];
    }

    public void Append(ulong user, ulong version, int shard = 0) => Lane(shard).Append(Entry(user, version));

    public static JournalEntry Entry(ulong user, ulong version) =>
        new(new UserRecord(user, version, (long)version, (long)version, StoreFixture.Online, 0), TransitionCause.Explicit, IsVisible: true, Text: null);

    /// <summary>Asks for word when what the lane has is durable.</summary>
    public TestCommit Ask(int shard = 0)
    {
        var commit = new TestCommit();
        Lane(shard).HandOver(commit);
        return commit;
    }

    /// <summary>Appends, and commits it if the disk takes it.</summary>
    public bool Put(ulong user, ulong version)
    {
        Append(user, version);
        return Commit();
    }

    /// <summary>Commits what was appended, if the disk takes it, and says how far it is.</summary>
    public bool Commit()
    {
        TestCommit commit = Ask();
        while (Loop.Turn() == TimeSpan.Zero)
        {
        }

        Tail.Publish(Writer.Extent);
        return commit.IsDurable!.Value;
    }

    public JournalReader ReaderFrom(in JournalPosition position) => new(Tail, Files, position);

    /// <summary>The next attempt after a failure may be made.</summary>
    public void LetRetryTimePass() => Time.Advance(CommitLoop.RetryInterval);

    /// <summary>The process is gone, and another begins on what the disk holds.</summary>
    public void Restart()
    {
        Dispose();
        _lanes.Clear();
        Start();
    }

    /// <summary>What the journal gives back behind the checkpoint that was loaded, newest version of each user.</summary>
    public Dictionary<ulong, JournalRecord> Read(ulong checkpoint = 0)
    {
        Dictionary<ulong, JournalRecord> newest = [];
        Replay.Run(checkpoint, record =>
        {
            if (record.User.Version >= newest.GetValueOrDefault(record.User.UserId).User.Version)
            {
                newest[record.User.UserId] = record;
            }
        });
        Checkpoints.StartFrom(checkpoint);
        return newest;
    }

    public void Dispose()
    {
        Writer.Dispose();
        Loop.Dispose();
    }

    private void Start()
    {
        Segments segments = SegmentCatalogue.Read(Files, Options, "/journal");
        Writer = new JournalWriter(Files, segments, Options, Time, NullLogger.Instance);
        Loop = new CommitLoop(Writer, Time, NullLogger.Instance);
        Checkpoints = new Checkpoints(Writer, Loop);
        Tail = new JournalTail();
        Tail.Publish(Writer.Extent);
        Replay = new JournalReplay(Files, segments, "/journal", NullLogger.Instance);
    }
}
