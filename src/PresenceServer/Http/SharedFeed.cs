using Presence.Protocol;
using Presence.Server.Admin;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Http;

/// <summary>The changes of all nodes of a cluster, from the stream that they share. While Redis is away it waits, and says that the server is there.</summary>
/// <param name="cluster">The name of this one.</param>
/// <param name="after">Where to go on; null: at the end.</param>
internal sealed class SharedFeed(
    ChangeReader follower, SharedChanges changes, SharedSnapshot snapshot, INodeDirectory nodes, string cluster, SharedCursor? after, TimeProvider time) : ChangeFeed(follower, time)
{
    // Changes that are read at once, and held until the reader has them: a millisecond of Redis.
    private const int MostOfSlice = 512;

    // Between two looks where there was nothing more, and where there was no answer.
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_tryAgainEvery = TimeSpan.FromSeconds(1);

    // A node that has just come has brought what it has within a moment.
    private static readonly TimeSpan s_completeWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_comeBackAfter = TimeSpan.FromSeconds(5);

    private SharedCursor _beginning;
    private SharedChangesSlice _slice = Nothing("");
    private bool _isAway;
    private long? _asOfMs;

    protected override string Beginning => _beginning.ToString();

    protected override bool IsGone => _slice.IsGone;

    protected override bool IsIdle => _slice.IsEnd;

    protected override string Cursor => TextOf(_slice.Cursor);

    // While Redis is away that of before, and so how far behind it is.
    protected override long? AsOfMs => _asOfMs;

    protected override async Task<Problem?> TryBeginAsync(bool withSnapshot, CancellationToken ended)
    {
        if (after is { } cursor && cursor.Cluster != cluster)
        {
            return ChangesEndpoint.Gone;
        }

        try
        {
            if (after is null && await TryEndAsync(withSnapshot, ended) is { } problem)
            {
                return problem;
            }

            _beginning = after ?? _beginning;
            Took(await changes.ReadAsync(_beginning.Entry, MostOfSlice).WaitAsync(ended));
            return IsGone ? ChangesEndpoint.Gone : null;
        }
        catch (RedisAwayException e)
        {
            return Problem.Unavailable($"The changes of a cluster are read from its Redis, which does not answer; presence is served without it. {e.Message}", s_comeBackAfter);
        }
    }

    protected override async Task ReadAsync(CancellationToken ended)
    {
        try
        {
            Took(await changes.ReadAsync(_slice.Cursor, MostOfSlice).WaitAsync(ended));
            _isAway = false;
        }
        catch (RedisAwayException)
        {
            _slice = Nothing(_slice.Cursor);
            _isAway = true;
        }
    }

    protected override IEnumerable<(PresenceView View, string Cursor)> Changes() =>
        _slice.Changes.Select(change => (ViewOf(change.State, change.IsCoalesced), TextOf(change.Behind)));

    protected override Task SomethingOrTimeAsync(CancellationToken ended) => Task.Delay(_isAway ? s_tryAgainEvery : s_lookEvery, Time, ended);

    protected override IAsyncEnumerable<IReadOnlyList<PresenceState>> SnapshotAsync(CancellationToken ended) => snapshot.SlicesAsync(ended);

    // Of a Redis that has lost what it had, a snapshot would lack users, and nothing would be told of them later.
    private async Task<Problem?> TryEndAsync(bool mustBeComplete, CancellationToken ended)
    {
        long begun = Time.GetTimestamp();
        while (true)
        {
            // Taken before anything of the snapshot is looked at: what is decided meanwhile comes behind it.
            SharedChangesEnd end = await changes.EndAsync().WaitAsync(ended);
            string[] missing = mustBeComplete ? [.. nodes.NodeIds.Where(node => !end.Complete.Contains(node))] : [];
            if (missing.Length == 0)
            {
                _beginning = new SharedCursor(cluster, end.Cursor);
                return null;
            }

            if (Time.GetElapsedTime(begun) >= s_completeWithin)
            {
                return Problem.Unavailable(
                    $"A snapshot would lack users: Redis has lost what it had, or has never had it, and is not yet brought all that is known by {string.Join(", ", missing)}.", s_comeBackAfter);
            }

            await Task.Delay(s_lookEvery, Time, ended);
        }
    }

    // Of the member that has said least; who is no member any more has said all that it will.
    private void Took(SharedChangesSlice slice)
    {
        _slice = slice;
        if (slice.IsEnd)
        {
            _asOfMs = nodes.NodeIds is { Count: > 0 } ids && ids.All(slice.StatedMs.ContainsKey) ? ids.Min(id => slice.StatedMs[id]) : null;
        }
    }

    private static SharedChangesSlice Nothing(string cursor) => new([], cursor, IsGone: false, IsEnd: true, new Dictionary<string, long>());

    private string TextOf(string entry) => new SharedCursor(cluster, entry).ToString();
}
