using Presence.Engine;
using Presence.Server.Hosting;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage.Shared;

/// <summary>
/// Ships this node's journal to Redis, from the cursor that Redis keeps beside the data. The journal is the queue: while Redis is away nothing is held but a place in it. Each batch is taken by
/// Redis in one step, if the cursor stands where the batch begins; so a batch is there once, and a Redis that has lost the end of what it had (fail-over, a backup) is shipped what it lacks.
/// </summary>
internal sealed class JournalShipper(
    DiskJournal journal,
    ILastActiveStore store,
    ShipTarget target,
    string shippedPath,
    int shards,
    SharedCounts counts,
    TimeProvider time,
    ILogger<JournalShipper> logger) : BackgroundService
{
    /// <summary>Records of a batch: some milliseconds of Redis, whom others ask too.</summary>
    public const int MostOfBatch = 512;

    // Redis, and all that is in front of what is waited for.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    // Between two batches where there is no more: what becomes durable meanwhile goes with the next.
    private static readonly TimeSpan s_shipEvery = TimeSpan.FromMilliseconds(40);

    // While nothing happens: whether Redis is there, and has what it had.
    private static readonly TimeSpan s_probeEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_writeEvery = TimeSpan.FromSeconds(5);

    private readonly ShipWaits _waits = new(time);
    private readonly Seldom _failed = new(time);
    private readonly Seldom _poisoned = new(time);
    private readonly List<PlacedRecord> _records = [];
    private JournalReader? _reader;
    private JournalWatermarks _watermarks = new(shards);
    private ShipWalk? _walk;
    private JournalPosition _cursor;
    private JournalPosition? _known;
    private bool _hasReached;
    private long _writtenAt;
    private long _shippedMs = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Waits until all that is durable in the journal now is in Redis, in the records and in the stream. What is decided and not durable yet is to be committed before.
    /// </summary>
    /// <returns>False, at once or as soon as it is known, when Redis is away, or has not taken it in time: then what it lacks is shipped when it is back, if this node is there.</returns>
    public Task<bool> ShippedAsync()
    {
        var shipped = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        WhenShipped(s_patience, shipped.SetResult);
        return shipped.Task;
    }

    /// <summary>As <see cref="ShippedAsync"/>, without a thread for each who waits.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="answer">Called once, on any thread; neither throws nor blocks.</param>
    public void WhenShipped(TimeSpan patience, Action<bool> answer)
    {
        if (journal.Tail.Extent.End is { } end)
        {
            _waits.Until(end, patience, answer);
        }
        else
        {
            answer(true);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _waits.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        TimeSpan pause = s_firstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            _hasReached = false;
            try
            {
                if (await TryBeginAsync(stoppingToken))
                {
                    await FollowAsync(stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is: who stopped would never ship again.
                Failed(e);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = _hasReached ? s_firstPause : pause;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }

        _waits.Away();
        WriteDown();
    }

    // Where Redis says that it is. Where it says nothing, from the oldest there is, and the store brings what was before.
    private async Task<bool> TryBeginAsync(CancellationToken stopping)
    {
        _known ??= ShippedFile.Read(shippedPath);
        ShipState state = await target.StateAsync();
        bool isKnown = JournalPosition.TryParse(state.Cursor, out JournalPosition cursor);
        if (_known is { } known && (!isKnown || cursor.IsBefore(known)))
        {
            counts.Losses.Add();
            logger.RedisWentBack(state.Cursor, known.ToString());
        }

        if (!isKnown)
        {
            // A node that never was here lacks nothing that others were told of through Redis.
            return await TryMoveAsync(state.Cursor, JournalPosition.StartOf(await OldestAsync(stopping)), isGap: _known is not null);
        }

        if (state.MustWalk && _walk is null)
        {
            StartWalk();
        }

        GoOnFrom(cursor);
        return true;
    }

    private async Task<SegmentHeader> OldestAsync(CancellationToken stopping)
    {
        while (true)
        {
            Task news = journal.Tail.News();
            if (journal.Tail.Extent.Readable.Select(static span => (SegmentHeader?)span.Header).FirstOrDefault() is { } oldest)
            {
                return oldest;
            }

            await news.WaitAsync(stopping);
        }
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        bool goesOn;
        do
        {
            Task news = journal.Tail.News();
            JournalReadResult read = ReadSome();
            goesOn = await ShipAsync() && (read != JournalReadResult.Gone || await TrySkipAsync(stopping)) && await TryWalkAsync();
            Measure();
            if (goesOn && read == JournalReadResult.End)
            {
                await Task.Delay(s_shipEvery, time, stopping);
                goesOn = await SomethingAsync(news, stopping) || await ShipAsync(new ShipBatch(), _cursor);
            }
        }
        while (goesOn);
    }

    // The blocks that were committed since: a shard commits one every few milliseconds, and a batch has its price whatever it carries.
    private JournalReadResult ReadSome()
    {
        _records.Clear();
        JournalReadResult read;
        do
        {
            read = _reader!.Read(_records);
        }
        while (read == JournalReadResult.Records && _records.Count < MostOfBatch);
        return read;
    }

    // What was read; and that the next segment is begun, with nothing in it yet.
    private async Task<bool> ShipAsync()
    {
        bool isTaken = true;
        foreach (PlacedRecord[] part in _records.Chunk(MostOfBatch))
        {
            isTaken = isTaken && await ShipAsync(part);
        }

        return isTaken && (_reader!.Position == _cursor || await ShipAsync(new ShipBatch(), _reader.Position));
    }

    private async Task<bool> ShipAsync(PlacedRecord[] part)
    {
        Array.ForEach(part, placed => _watermarks.Read(placed));
        var batch = new ShipBatch { AsOfMs = _watermarks.AsOfMs };
        foreach (PlacedRecord placed in part.Where(static placed => !placed.Record.IsWatermark))
        {
            batch.Add(placed.Record);
        }

        bool isTaken = await ShipAsync(batch, part[^1].Behind, counts.Shipped);
        _shippedMs = part.Where(static placed => placed.Record.IsWatermark).Select(static placed => placed.Record.WatermarkMs).LastOrDefault(_shippedMs);
        return isTaken;
    }

    // False when the cursor is not where it was left: Redis has gone back, or another node has this one's id.
    private async Task<bool> ShipAsync(ShipBatch batch, JournalPosition behind, SharedCounts.Count? records = null)
    {
        (string cursor, long poison) = await target.ShipAsync(batch, _cursor, behind);
        if (poison + batch.Poison > 0)
        {
            counts.Poison.Add(poison + batch.Poison);
            if (_poisoned.IsTime())
            {
                logger.PoisonPassedOver(counts.Poison.Value);
            }
        }

        bool isTaken = cursor == behind.ToString();
        if (isTaken)
        {
            // Before anybody is told.
            records?.Add(batch.Records);
            Reached(behind);
        }

        return isTaken;
    }

    private async Task<bool> TrySkipAsync(CancellationToken stopping)
    {
        JournalReader reader = _reader!;
        counts.Holes.Add();
        logger.JournalHole(reader.Position.ToString());
        Task news = journal.Tail.News();
        while (!reader.TrySkip())
        {
            await news.WaitAsync(stopping);
            news = journal.Tail.News();
        }

        return await TryMoveAsync(_cursor.ToString(), reader.Position, isGap: true);
    }

    private async Task<bool> TryMoveAsync(string from, JournalPosition to, bool isGap)
    {
        if (await target.MoveAsync(from, to, isGap) != to.ToString())
        {
            return false;
        }

        StartWalk();
        GoOnFrom(to);
        return true;
    }

    private void StartWalk()
    {
        _walk = new ShipWalk(store);
        logger.WalkBegins();
    }

    private void GoOnFrom(JournalPosition place)
    {
        _reader = journal.ReadFrom(place);
        // What was read and not taken counts no more.
        _watermarks = new JournalWatermarks(shards);
        Reached(place);
    }

    private async Task<bool> TryWalkAsync()
    {
        if (_walk is null)
        {
            return true;
        }

        bool isTaken = true;
        bool isOver = await _walk.StepAsync(async batch =>
        {
            isTaken = await ShipAsync(batch, _cursor, counts.Walked);
            return isTaken;
        });
        if (isOver)
        {
            await target.WalkedAsync();
            logger.WalkEnded(_walk.Walked);
            _walk = null;
        }

        return isTaken;
    }

    // False when there is nothing for a while.
    private async Task<bool> SomethingAsync(Task news, CancellationToken stopping)
    {
        try
        {
            await (_walk is null ? news : Task.WhenAny(news, _walk.Slice)).WaitAsync(s_probeEvery, time, stopping);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Reached(JournalPosition place)
    {
        _cursor = place;
        _known = place;
        _hasReached = true;
        _waits.Shipped(place);
        if (time.GetElapsedTime(_writtenAt) >= s_writeEvery)
        {
            _writtenAt = time.GetTimestamp();
            WriteDown();
        }
    }

    private void Failed(Exception failure)
    {
        counts.Failures.Add();
        _waits.Away();
        Measure();
        if (failure is not RedisAwayException && _failed.IsTime())
        {
            logger.ShippingFailed(failure);
        }
    }

    private void Measure() => counts.Behind(
        journal.Tail.Extent.BytesBehind(_cursor), time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(_shippedMs));

    private void WriteDown()
    {
        try
        {
            if (_known is { } known)
            {
                ShippedFile.Write(shippedPath, known);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then a later loss of Redis may not be told of; it is mended all the same.
            if (_failed.IsTime())
            {
                logger.ShippingFailed(e);
            }
        }
    }
}
