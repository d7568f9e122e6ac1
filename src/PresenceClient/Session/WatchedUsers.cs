using Presence.V1;

namespace Presence.Client.Session;

/// <summary>The users the application watches, and what is known of each. Outlives connections. Safe for many threads.</summary>
internal sealed class WatchedUsers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PresenceView?> _views = [];
    private readonly List<ChangeFeed> _feeds = [];
    private bool _synced;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _views.Count;
            }
        }
    }

    /// <summary>Adds what is not yet watched and returns it.</summary>
    /// <exception cref="PresenceException">LIMIT: more than <paramref name="limit"/> would be watched; nothing was added.</exception>
    public List<ulong> Add(IReadOnlyCollection<ulong> userIds, uint? limit)
    {
        lock (_lock)
        {
            List<ulong> added = [.. userIds.Where(id => !_views.ContainsKey(id)).Distinct()];
            if (_views.Count + added.Count > limit)
            {
                throw new PresenceException(
                    ErrorCode.Limit,
                    $"{_views.Count} users are watched, {added.Count} more were asked for; this server allows {limit}. Unwatch some.")
                {
                    Which = "watches",
                    Allowed = limit,
                };
            }
            foreach (ulong id in added)
            {
                _views.Add(id, null);
            }
            return added;
        }
    }

    public void Remove(IEnumerable<ulong> userIds)
    {
        lock (_lock)
        {
            foreach (ulong id in userIds)
            {
                _views.Remove(id);
                _feeds.ForEach(feed => feed.Forget(id));
            }
        }
    }

    public ulong[] UserIds()
    {
        lock (_lock)
        {
            return [.. _views.Keys];
        }
    }

    /// <summary>A Watch for these users, less those no longer watched, with the versions that are held. No request id yet.</summary>
    public Watch WatchRequest(IEnumerable<ulong> userIds)
    {
        Watch watch = new();
        lock (_lock)
        {
            foreach (ulong id in userIds)
            {
                if (_views.TryGetValue(id, out PresenceView? view))
                {
                    watch.UserIds.Add(id);
                    // Of a stale one the state is asked for, not only whether it changed: the application is to hear that it holds again.
                    watch.Versions.Add(view is { IsStale: false } ? view.Version : 0);
                }
            }
        }
        if (watch.Versions.All(version => version == 0))
        {
            watch.Versions.Clear();
        }
        return watch;
    }

    /// <summary>Takes in what the server said; null when nothing is shown otherwise because of it.</summary>
    public PresenceChange? Apply(PresenceEntry entry)
    {
        lock (_lock)
        {
            if (!_views.TryGetValue(entry.UserId, out PresenceView? held))
            {
                return null;
            }
            PresenceView merged = ViewMerge.Merge(held, entry);
            _views[entry.UserId] = merged;
            if (held is not null && merged.LooksLike(held))
            {
                return null;
            }
            PresenceChange change = new(held, merged);
            _feeds.ForEach(feed => feed.Post(change));
            return change;
        }
    }

    /// <summary>This connection has answered for everyone (null: none has); until then every view is stale.</summary>
    public void SetSynced(RequestChannel? channel)
    {
        lock (_lock)
        {
            _synced = channel is { Ended.IsCompleted: false };
        }
    }

    public PresenceView? Find(ulong userId)
    {
        lock (_lock)
        {
            PresenceView? view = _views.GetValueOrDefault(userId);
            return view is null || _synced || view.IsStale ? view : view with { IsStale = true };
        }
    }

    /// <summary>A feed that begins with what is known now; under the lock, so that no change falls between.</summary>
    public ChangeFeed Subscribe()
    {
        ChangeFeed feed = new();
        lock (_lock)
        {
            foreach (PresenceView view in _views.Values.OfType<PresenceView>())
            {
                feed.Post(new PresenceChange(null, view));
            }
            _feeds.Add(feed);
        }
        return feed;
    }

    public void Unsubscribe(ChangeFeed feed)
    {
        lock (_lock)
        {
            _feeds.Remove(feed);
        }
    }

    /// <summary>No more changes come.</summary>
    public void CompleteFeeds()
    {
        lock (_lock)
        {
            _feeds.ForEach(feed => feed.Complete());
        }
    }
}
