using Presence.Protocol;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Http;

/// <summary>The changes of a node that is alone, from the files of its journal.</summary>
/// <param name="after">Where to go on; null: at the end.</param>
internal sealed class JournalFeed(
    ChangeReader follower, DiskJournal journal, ChangeSnapshot snapshot, int shards, JournalPosition? after, TimeProvider time) : ChangeFeed(follower, time)
{
    private readonly List<PlacedRecord> _records = [];
    private readonly JournalWatermarks _watermarks = new(shards);

    // Of each shard the clock up to which the journal has to be durable, for all of the snapshot to be.
    private readonly Dictionary<int, ulong> _clocks = [];
    private JournalPosition _beginning;
    private JournalReader _reader = null!;
    private Task _news = Task.CompletedTask;
    private JournalReadResult _read;

    protected override string Beginning => _beginning.ToString();

    protected override bool IsGone => _read == JournalReadResult.Gone;

    protected override bool IsIdle => _read == JournalReadResult.End;

    protected override string Cursor => _reader.Position.ToString();

    protected override long? AsOfMs => _watermarks.AsOfMs;

    protected override Task<Problem?> TryBeginAsync(bool withSnapshot, CancellationToken ended)
    {
        // Taken before anything of the snapshot is looked at: what is decided meanwhile comes behind it.
        if ((after ?? journal.Tail.Extent.End) is not { } position)
        {
            return Task.FromResult<Problem?>(Problem.Unavailable("The journal has written nothing yet; /readyz says why. Try again."));
        }

        (_beginning, _reader) = (position, journal.ReadFrom(position));
        Read();
        return Task.FromResult(IsGone ? ChangesEndpoint.Gone : null);
    }

    protected override Task ReadAsync(CancellationToken ended)
    {
        Read();
        return Task.CompletedTask;
    }

    protected override IEnumerable<(PresenceView View, string Cursor)> Changes()
    {
        foreach (PlacedRecord placed in _records)
        {
            JournalRecord record = placed.Record;
            _watermarks.Read(placed);
            if (!record.IsWatermark && record.IsVisible)
            {
                // Why a user went is not told: of one who chose to be invisible it would differ from a Goodbye.
                yield return (ViewOf(record.User.Visible(record.Text), isCoalesced: record.Cause is null), placed.Behind.ToString());
            }
        }
    }

    // The shards' watermarks come once a second, unless the journal cannot be written; then the next watermark says how far behind it is.
    protected override Task SomethingOrTimeAsync(CancellationToken ended) => SomethingOrTimeAsync(_news, ended);

    protected override IAsyncEnumerable<IReadOnlyList<PresenceState>> SnapshotAsync(CancellationToken ended) => snapshot.SlicesAsync(_clocks, ended);

    // What was said in the snapshot and not yet written would, if the process died now, never be taken back: nobody who comes after it would know that it was said.
    protected override async Task SnapshotIsDurableAsync(CancellationToken ended)
    {
        JournalReader ahead = journal.ReadFrom(_beginning);
        List<PlacedRecord> records = [];
        JournalReadResult read = JournalReadResult.Records;
        while (_clocks.Count > 0 && read != JournalReadResult.Gone)
        {
            Task news = journal.Tail.News();
            records.Clear();
            read = ahead.Read(records);
            foreach (PlacedRecord placed in records.Where(static placed => placed.Record.IsWatermark))
            {
                if (_clocks.TryGetValue(placed.Shard, out ulong clock) && placed.Record.User.Version >= clock)
                {
                    _clocks.Remove(placed.Shard);
                }
            }

            if (read == JournalReadResult.End && _clocks.Count > 0)
            {
                await SomethingOrTimeAsync(news, ended);
                await CommentAsync(ended);
            }
        }
    }

    private void Read()
    {
        _news = journal.Tail.News();
        _records.Clear();
        _read = _reader.Read(_records);
    }

    private async Task SomethingOrTimeAsync(Task news, CancellationToken ended)
    {
        try
        {
            await news.WaitAsync(WatermarkEvery, Time, ended);
        }
        catch (TimeoutException)
        {
            // Nothing has happened.
        }
    }
}
