using Presence.Admin.V1;
using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Storage.Journal;

namespace Presence.Server.Admin;

/// <summary>Why a user looks as it does: what the journal has of it, who was told, and who watches. All of it is looked up when somebody asks.</summary>
internal sealed class Explanations(ShardSet shards, DiskJournal journal, PresenceConfiguration configuration, TimeProvider time) : IDisposable
{
    /// <summary>Transitions, or watchers, of one answer.</summary>
    public const uint Most = 1_000;

    private const uint Usual = 20;
    private static readonly TimeSpan _usualSpan = TimeSpan.FromHours(1);

    // A look reads the journal's files: one at a time leaves the disk to the journal.
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>All but what the user is now.</summary>
    public async Task<ExplainUserResponse> OfAsync(ExplainUserRequest request, CancellationToken cancelled)
    {
        DateTimeOffset now = time.GetUtcNow();
        var response = new ExplainUserResponse { Node = configuration.Cluster.NodeId, NowMs = (ulong)now.ToUnixTimeMilliseconds() };
        ShardReport report = await ShardQuestions.Inspect(shards.Of(request.UserId), cancelled);
        response.RecoveringForMs = (ulong)report.RecoveringForMs;
        HandedChanges handed = await AddWatchersAsync(response, request, cancelled);
        long sinceMs = request.SinceMs == 0 ? (now - _usualSpan).ToUnixTimeMilliseconds() : (long)Math.Min(request.SinceMs, long.MaxValue);
        if (await ReadAsync(response, request.UserId, sinceMs, request.Transitions, cancelled) is { } history)
        {
            response.JournalHasHoles = history.HasHoles;
            response.Transitions.AddRange(history.NewestFirst.Select(record => Of(record, handed)));
        }

        return response;
    }

    public void Dispose() => _one.Dispose();

    private async Task<HandedChanges> AddWatchersAsync(ExplainUserResponse response, ExplainUserRequest request, CancellationToken cancelled)
    {
        List<HandedCount> handed = [];
        long sinceMs = 0;
        int most = (int)(request.Watchers == 0 ? Usual : request.Watchers);
        foreach (ShardHost shard in shards.All)
        {
            WatchersReport report = await ShardQuestions.Watchers(shard, request.UserId, most - response.WatcherIds.Count, cancelled);
            response.Watchers += (ulong)report.Watchers;
            response.WatcherIds.AddRange(report.Named.Where(static user => user != 0));
            response.LinksThatWatchAll += (uint)report.LinksThatWatchAll;
            handed.AddRange(report.Handed);
            sinceMs = Math.Max(sinceMs, report.HandedSinceMs);
        }

        return new(handed, sinceMs);
    }

    private async Task<UserHistory?> ReadAsync(ExplainUserResponse response, ulong userId, long sinceMs, uint most, CancellationToken cancelled)
    {
        await _one.WaitAsync(cancelled);
        try
        {
            int count = (int)(most == 0 ? Usual : most);
            UserHistory history = await Task.Run(() => journal.History.Of(userId, sinceMs, count, cancelled), cancelled);
            if (history.ReadSinceMs != long.MaxValue)
            {
                response.JournalSinceMs = (ulong)Math.Max(sinceMs, history.ReadSinceMs);
            }

            return history;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            response.JournalProblem = $"The journal cannot be read: {e.Message}";
            return null;
        }
        finally
        {
            _one.Release();
        }
    }

    private static TransitionInfo Of(JournalRecord record, HandedChanges handed)
    {
        var info = new TransitionInfo
        {
            Version = record.User.Version,
            AtMs = (ulong)VersionClock.MsOf(record.User.Version),
            Shown = Entries.Of(record.User.Visible(record.Text)),
            Visible = record.IsVisible,
            Invisible = (record.User.Flags & UserRecordFlags.Invisible) != 0,
            Cause = record.Cause is { } cause ? ShardInfos.NameOf(cause) : "",
        };
        if (record.User.TrueLastActiveMs >= 0)
        {
            info.TrueLastActiveMs = (ulong)record.User.TrueLastActiveMs;
        }

        AddHanded(info, handed);
        return info;
    }

    private static void AddHanded(TransitionInfo info, HandedChanges handed)
    {
        if (!info.Visible || info.AtMs < (ulong)handed.SinceMs)
        {
            return;
        }

        // A shard that hands a change out in several parts says so in several counts.
        info.HandedTo = 0;
        foreach (HandedCount count in handed.Counts.Where(count => count.Version == info.Version))
        {
            info.HandedTo += (ulong)count.Sessions;
            info.HandedLater += (ulong)count.Later;
        }
    }

    /// <param name="Counts">Of one user, of all shards.</param>
    /// <param name="SinceMs">Unix milliseconds: what was decided since then and is not in there was handed to nobody.</param>
    private readonly record struct HandedChanges(IReadOnlyList<HandedCount> Counts, long SinceMs);
}
