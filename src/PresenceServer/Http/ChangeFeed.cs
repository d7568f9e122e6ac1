using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Storage.Journal;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>
/// One reader of all changes. What it is told comes from the journal's files, when it has room for more: a slow reader costs nothing but its place, and one that
/// is slower than the retention is told so.
/// </summary>
internal sealed class ChangeFeed(
    HttpContext http, DiskJournal journal, int shards, JournalPosition from, DateTimeOffset tokenExpires, TimeProvider time)
{
    // Proxies close what is silent for 30 to 60 s; and a cursor that does not move grows too old though nothing happens.
    private static readonly TimeSpan _watermarkEvery = TimeSpan.FromSeconds(15);

    // Who takes nothing for so long has gone, or may come back with its cursor.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    // For what is left to send when the stream has ended.
    private static readonly MinDataRate _leastRate = new(bytesPerSecond: 240, gracePeriod: _patience);

    private readonly JournalReader _reader = journal.ReadFrom(from);
    private readonly EventWriter _events = new(http.Response.BodyWriter);
    private readonly BoundedFlush _flush = new(http.Response.BodyWriter, _patience, time);
    private readonly List<PlacedRecord> _records = [];
    private readonly Dictionary<int, long> _watermarks = [];
    private long _watermarkAt;

    /// <summary>Asked when the feed is ended though its reader is still there.</summary>
    public required Func<CloseCode> WhyEnded { get; init; }

    /// <summary>Serves until the reader leaves, its token expires, the node stops or the journal has a hole.</summary>
    /// <param name="snapshot">What comes first; null for nothing.</param>
    /// <param name="ended">The peer has left, its token was revoked, or the node stops.</param>
    /// <returns>A problem when the cursor stands nowhere, and nothing has been answered.</returns>
    public async Task<Problem?> RunAsync(ChangeSnapshot? snapshot, CancellationToken ended)
    {
        Task news = journal.Tail.News();
        JournalReadResult read = _reader.Read(_records);
        if (read == JournalReadResult.Gone)
        {
            return ChangesEndpoint.Gone;
        }

        await BeginAsync(ended);
        try
        {
            if (snapshot is not null)
            {
                await WriteAsync(snapshot, ended);
            }

            await FollowAsync(read, news, ended);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            _events.GoAway(new GoAway { CloseCode = WhyEnded() });
        }

        await _flush.FlushAsync(http.RequestAborted);
        return null;
    }

    private async Task FollowAsync(JournalReadResult read, Task news, CancellationToken ended)
    {
        while (read != JournalReadResult.Gone)
        {
            await WriteAsync(read, news, ended);
            if (time.GetUtcNow() >= tokenExpires)
            {
                _events.GoAway(new GoAway { CloseCode = CloseCode.TokenExpired });
                return;
            }

            news = journal.Tail.News();
            _records.Clear();
            read = _reader.Read(_records);
        }

        _events.Error(ChangesEndpoint.Gone);
    }

    private async Task BeginAsync(CancellationToken ended)
    {
        http.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = _leastRate;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Response.ContentType = EventWriter.ContentType;
        await http.Response.StartAsync(ended);
    }

    private async Task WriteAsync(ChangeSnapshot snapshot, CancellationToken ended)
    {
        long users = 0;
        Dictionary<int, ulong> clocks = [];
        await foreach (IReadOnlyList<PresenceState> slice in snapshot.SlicesAsync(clocks, ended))
        {
            foreach (PresenceState state in slice)
            {
                // Without an id: nobody can go on from the middle of a snapshot.
                _events.Presence(PresenceView.Of(state));
                await _flush.FlushPartAsync(ended);
            }

            users += slice.Count;
            await _flush.FlushAsync(ended);
        }

        await UntilDurableAsync(clocks, ended);
        _events.SnapshotEnd(new SnapshotEndEvent(DecimalText.Of((ulong)users)), from.ToString());
    }

    // What was said in the snapshot and not yet written would, if the process died now, never be taken back: nobody who comes after it would know that it was said.
    private async Task UntilDurableAsync(Dictionary<int, ulong> clocks, CancellationToken ended)
    {
        JournalReader ahead = journal.ReadFrom(from);
        List<PlacedRecord> records = [];
        JournalReadResult read = JournalReadResult.Records;
        while (clocks.Count > 0 && read != JournalReadResult.Gone)
        {
            Task news = journal.Tail.News();
            records.Clear();
            read = ahead.Read(records);
            foreach (PlacedRecord placed in records.Where(static placed => placed.Record.IsWatermark))
            {
                if (clocks.TryGetValue(placed.Shard, out ulong clock) && placed.Record.User.Version >= clock)
                {
                    clocks.Remove(placed.Shard);
                }
            }

            if (read == JournalReadResult.End && clocks.Count > 0)
            {
                await SomethingOrTimeAsync(news, ended);
                _events.Comment();
                await _flush.FlushAsync(ended);
            }
        }
    }

    private async Task WriteAsync(JournalReadResult read, Task news, CancellationToken ended)
    {
        foreach (PlacedRecord placed in _records)
        {
            Write(placed);
            await _flush.FlushPartAsync(ended);
        }

        bool isIdle = read == JournalReadResult.End;
        if (isIdle && (_watermarkAt == 0 || time.GetElapsedTime(_watermarkAt) >= _watermarkEvery))
        {
            _watermarkAt = time.GetTimestamp();
            _events.Watermark(new WatermarkEvent(AsOf()), _reader.Position.ToString());
        }

        await _flush.FlushAsync(ended);
        if (isIdle)
        {
            await SomethingOrTimeAsync(news, ended);
        }
    }

    // The shards' watermarks come once a second, unless the journal cannot be written.
    private async Task SomethingOrTimeAsync(Task news, CancellationToken ended)
    {
        try
        {
            await news.WaitAsync(_watermarkEvery, time, ended);
        }
        catch (TimeoutException)
        {
            // Then the next watermark says how far behind it is.
        }
    }

    private void Write(in PlacedRecord placed)
    {
        JournalRecord record = placed.Record;
        if (record.IsWatermark)
        {
            _watermarks[placed.Shard] = record.WatermarkMs;
        }
        else if (record.IsVisible)
        {
            _events.Change(ViewOf(record), placed.Behind.ToString());
        }
    }

    // Why a user went is not told: of one who chose to be invisible it would differ from a Goodbye.
    private static PresenceView ViewOf(in JournalRecord record) =>
        PresenceView.Of(record.User.Visible(record.Text)) with
        {
            AtMs = DecimalText.Of((ulong)VersionClock.MsOf(record.User.Version)),
            Coalesced = record.Cause is null ? true : null,
        };

    // Of the shard that has said least; one that has said nothing yet since we read is not known.
    private string? AsOf() => Enumerable.Range(0, shards).All(_watermarks.ContainsKey) ? DecimalText.Of((ulong)_watermarks.Values.Min()) : null;
}
