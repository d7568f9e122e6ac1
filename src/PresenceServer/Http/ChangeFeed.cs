using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Http;

/// <summary>
/// One reader of all changes: a snapshot if it wants one, then what comes behind its cursor, read when the reader has room for more. A slow reader costs nothing but its place, and one that
/// is slower than changes are kept is told so.
/// </summary>
internal abstract class ChangeFeed(ChangeReader reader, TimeProvider time)
{
    // Proxies close what is silent for 30 to 60 s; and a cursor that does not move grows too old though nothing happens.
    private static readonly TimeSpan _watermarkEvery = TimeSpan.FromSeconds(15);

    // Who takes nothing for so long has gone, or may come back with its cursor.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    // For what is left to send when the stream has ended.
    private static readonly MinDataRate _leastRate = new(bytesPerSecond: 240, gracePeriod: _patience);

    private readonly EventWriter _events = new(reader.Http.Response.BodyWriter);
    private readonly BoundedFlush _flush = new(reader.Http.Response.BodyWriter, _patience, time);
    private long _watermarkAt;

    protected TimeProvider Time => time;

    /// <summary>How long a feed is silent at most.</summary>
    protected static TimeSpan WatermarkEvery => _watermarkEvery;

    /// <summary>The cursor it began at.</summary>
    protected abstract string Beginning { get; }

    /// <summary>What comes next is not there.</summary>
    protected abstract bool IsGone { get; }

    /// <summary>What was read last is all there is.</summary>
    protected abstract bool IsIdle { get; }

    /// <summary>Behind what was read last.</summary>
    protected abstract string Cursor { get; }

    /// <summary>Unix milliseconds up to which all that was decided is in front of the cursor, once that is so; null while it is not known.</summary>
    protected abstract long? AsOfMs { get; }

    /// <summary>Serves until the reader leaves, its token expires, the node stops or what comes next is not there.</summary>
    /// <param name="withSnapshot">It comes first.</param>
    /// <param name="ended">The peer has left, its token was revoked, or the node stops.</param>
    /// <returns>A problem when there is nothing to begin with, and nothing has been answered.</returns>
    public async Task<Problem?> RunAsync(bool withSnapshot, CancellationToken ended)
    {
        if (await TryBeginAsync(withSnapshot, ended) is { } problem)
        {
            return problem;
        }

        await AnswerAsync(ended);
        try
        {
            if (withSnapshot)
            {
                await WriteSnapshotAsync(ended);
            }

            await FollowAsync(ended);
        }
        catch (OperationCanceledException) when (!reader.Http.RequestAborted.IsCancellationRequested)
        {
            _events.GoAway(new GoAway { CloseCode = reader.WhyEnded() });
        }

        await _flush.FlushAsync(reader.Http.RequestAborted);
        return null;
    }

    /// <summary>Finds the place to begin at, and reads what comes behind it for the first time.</summary>
    protected abstract Task<Problem?> TryBeginAsync(bool withSnapshot, CancellationToken ended);

    /// <summary>Reads what comes behind what was read last; nothing while that cannot be known.</summary>
    protected abstract Task ReadAsync(CancellationToken ended);

    /// <summary>What was read last, with the cursor behind each.</summary>
    protected abstract IEnumerable<(PresenceView View, string Cursor)> Changes();

    /// <summary>Completes when there may be more, or after a while.</summary>
    protected abstract Task SomethingOrTimeAsync(CancellationToken ended);

    /// <summary>Who is there, as of after the place of the beginning: what is decided meanwhile comes behind it. An empty slice where looking takes its time.</summary>
    protected abstract IAsyncEnumerable<IReadOnlyList<PresenceState>> SnapshotAsync(CancellationToken ended);

    /// <summary>Completes when no crash can make the server forget what it said in the snapshot.</summary>
    protected virtual Task SnapshotIsDurableAsync(CancellationToken ended) => Task.CompletedTask;

    /// <summary>Says that the server is there, where there is nothing else to say.</summary>
    protected async Task CommentAsync(CancellationToken ended)
    {
        _events.Comment();
        await _flush.FlushAsync(ended);
    }

    /// <summary>As others were told it, and when.</summary>
    protected static PresenceView ViewOf(in PresenceState state, bool isCoalesced) => PresenceView.Of(state) with
    {
        AtMs = DecimalText.Of((ulong)VersionClock.MsOf(state.Version)),
        Coalesced = isCoalesced ? true : null,
    };

    private async Task AnswerAsync(CancellationToken ended)
    {
        HttpContext http = reader.Http;
        http.Features.Get<IHttpMinResponseDataRateFeature>()!.MinDataRate = _leastRate;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Response.ContentType = EventWriter.ContentType;
        await http.Response.StartAsync(ended);
    }

    private async Task WriteSnapshotAsync(CancellationToken ended)
    {
        long users = 0;
        long saidAt = time.GetTimestamp();
        await foreach (IReadOnlyList<PresenceState> slice in SnapshotAsync(ended))
        {
            foreach (PresenceState state in slice)
            {
                // Without an id: nobody can go on from the middle of a snapshot.
                _events.Presence(PresenceView.Of(state));
                await _flush.FlushPartAsync(ended);
            }

            if (slice.Count > 0)
            {
                saidAt = time.GetTimestamp();
                await _flush.FlushAsync(ended);
            }
            else if (time.GetElapsedTime(saidAt) >= _watermarkEvery)
            {
                saidAt = time.GetTimestamp();
                await CommentAsync(ended);
            }

            users += slice.Count;
        }

        await SnapshotIsDurableAsync(ended);
        _events.SnapshotEnd(new SnapshotEndEvent(DecimalText.Of((ulong)users)), Beginning);
    }

    private async Task WriteAsync(CancellationToken ended)
    {
        foreach ((PresenceView view, string cursor) in Changes())
        {
            _events.Change(view, cursor);
            await _flush.FlushPartAsync(ended);
        }

        if (IsIdle && (_watermarkAt == 0 || time.GetElapsedTime(_watermarkAt) >= _watermarkEvery))
        {
            _watermarkAt = time.GetTimestamp();
            _events.Watermark(new WatermarkEvent(AsOfMs is { } ms ? DecimalText.Of((ulong)ms) : null), Cursor);
        }

        await _flush.FlushAsync(ended);
        if (IsIdle)
        {
            await SomethingOrTimeAsync(ended);
        }
    }

    private async Task FollowAsync(CancellationToken ended)
    {
        while (!IsGone)
        {
            await WriteAsync(ended);
            if (time.GetUtcNow() >= reader.TokenExpires)
            {
                _events.GoAway(new GoAway { CloseCode = CloseCode.TokenExpired });
                return;
            }

            await ReadAsync(ended);
        }

        _events.Error(ChangesEndpoint.Gone);
    }
}

/// <summary>Who follows a feed.</summary>
/// <param name="Http">The request.</param>
/// <param name="TokenExpires">The feed ends then.</param>
/// <param name="WhyEnded">Asked when the feed is ended though its reader is still there.</param>
internal sealed record ChangeReader(HttpContext Http, DateTimeOffset TokenExpires, Func<CloseCode> WhyEnded);
