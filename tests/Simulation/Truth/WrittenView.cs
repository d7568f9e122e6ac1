using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client that reads all that was written to it knows: the highest version wins, unless the server says that the held one is none.</summary>
internal sealed class WrittenView
{
    private readonly Dictionary<ulong, (ulong Version, Shown? Shown)> _written = [];

    // Versions that it says it knows, above what was written: the server is silent where they are right, and says so where they are not.
    private readonly Dictionary<ulong, ulong> _claimed = [];
    private readonly Dictionary<ulong, WatchSays> _asked = [];
    private readonly HashSet<ulong> _watched = [];
    private readonly Dictionary<ulong, long> _open = [];

    /// <summary>Users who are watched, and whose snapshot has come.</summary>
    public IReadOnlyCollection<ulong> Watched => _watched;

    /// <summary>Requests that have no answer yet, and when they were handed to the shard on the monotonic clock.</summary>
    public IReadOnlyDictionary<ulong, long> Open => _open;

    public (ulong Version, Shown? Shown) this[ulong userId]
    {
        get
        {
            (ulong Version, Shown? Shown) written = _written.GetValueOrDefault(userId);
            return _claimed.TryGetValue(userId, out ulong claimed) && claimed > written.Version ? (claimed, null) : written;
        }
    }

    public void Ask(ulong requestId, long monoMs) => _open.Add(requestId, monoMs);

    public void Watch(WatchSays says)
    {
        _asked[says.RequestId] = says;
        Unclaim(says.UserIds);
        for (int i = 0; i < says.Versions.Length; i++)
        {
            if (says.Versions[i] > this[says.UserIds[i]].Version)
            {
                // It says that it knows more: what is right is in the answer.
                _claimed[says.UserIds[i]] = says.Versions[i];
                _watched.Remove(says.UserIds[i]);
            }
        }
    }

    /// <summary>From now on nothing is promised of these.</summary>
    public void Unwatch(ulong[] userIds)
    {
        _watched.ExceptWith(userIds);
        foreach ((ulong requestId, WatchSays says) in _asked)
        {
            _asked[requestId] = says with { UserIds = [.. says.UserIds.Except(userIds)], Versions = [] };
        }
    }

    public void Take(PresenceBatch batch)
    {
        foreach (PresenceEntry entry in batch.Entries)
        {
            Take(entry, isUpdate: !batch.Snapshot);
        }

        if (batch.Snapshot && !batch.More)
        {
            Answer(batch.RequestId);
        }
    }

    /// <summary>Frames out of their order that have no answer yet.</summary>
    public int Errors { get; private set; }

    /// <summary>A frame was read that is out of its order, and names no request.</summary>
    public void Errs() => Errors++;

    /// <summary>It was told so.</summary>
    public void Complain()
    {
        if (--Errors < 0)
        {
            throw new ViolationException("answers", "an error is told to one who made none");
        }
    }

    /// <summary>Each request has exactly one answer.</summary>
    public void Answer(ulong requestId)
    {
        if (!_open.Remove(requestId))
        {
            throw new ViolationException("answers", $"request {requestId} was answered, which is not open");
        }

        if (_asked.Remove(requestId, out WatchSays? says))
        {
            // Of whom another request is open, what that says it knows is not judged yet.
            _watched.UnionWith(says.UserIds.Where(userId => !_asked.Values.Any(open => open.UserIds.Contains(userId))));
        }
    }

    public void Refuse(ulong requestId)
    {
        if (_asked.Remove(requestId, out WatchSays? says))
        {
            Unclaim(says.UserIds);
        }

        Answer(requestId);
    }

    // What it says it knows counts no more: until the next answer nothing is promised of whom it watches by that.
    private void Unclaim(ulong[] userIds)
    {
        foreach (ulong userId in userIds)
        {
            if (_claimed.Remove(userId))
            {
                _watched.Remove(userId);
            }
        }
    }

    private void Take(PresenceEntry entry, bool isUpdate)
    {
        (ulong version, Shown? written) = _written.GetValueOrDefault(entry.UserId);
        if (entry.Status == Status.Unknown)
        {
            // Whatever it holds may have been lost with the process before: the next word says so, or is above it.
            _written[entry.UserId] = (this[entry.UserId].Version, Shown.Of(entry));
            _claimed.Remove(entry.UserId);
            return;
        }

        if (isUpdate && written is { Status: not Status.Unknown } && entry.Version < version)
        {
            throw new ViolationException("P1", $"an update of {entry.UserId} went back from version {version} to {entry.Version}");
        }

        if (entry.Version >= version || entry.Reset || written is { Status: Status.Unknown })
        {
            _written[entry.UserId] = (entry.Version, Shown.Of(entry));
        }

        if (entry.Reset)
        {
            _claimed.Remove(entry.UserId);
        }
    }
}
