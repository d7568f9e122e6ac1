using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client that reads all that was written to it knows: the highest version wins, unless the server says that the held one is none.</summary>
internal sealed class WrittenView
{
    private readonly Dictionary<ulong, (ulong Version, Shown? Shown)> _known = [];
    private readonly Dictionary<ulong, WatchSays> _asked = [];
    private readonly HashSet<ulong> _watched = [];
    private readonly Dictionary<ulong, long> _open = [];

    /// <summary>Users who are watched, and whose snapshot has come.</summary>
    public IReadOnlyCollection<ulong> Watched => _watched;

    /// <summary>Requests that have no answer yet, and when they were handed to the shard on the monotonic clock.</summary>
    public IReadOnlyDictionary<ulong, long> Open => _open;

    public (ulong Version, Shown? Shown) this[ulong userId] => _known.GetValueOrDefault(userId);

    public void Ask(ulong requestId, long monoMs) => _open.Add(requestId, monoMs);

    public void Watch(WatchSays says)
    {
        _asked[says.RequestId] = says;
        for (int i = 0; i < says.Versions.Length; i++)
        {
            ref (ulong Version, Shown? Shown) known =
                ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_known, says.UserIds[i], out _);
            if (says.Versions[i] > known.Version)
            {
                // It says that it knows more: what is right is in the answer.
                known = (says.Versions[i], null);
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

    /// <summary>Each request has exactly one answer.</summary>
    public void Answer(ulong requestId)
    {
        if (!_open.Remove(requestId))
        {
            throw new ViolationException("answers", $"request {requestId} was answered, which is not open");
        }

        if (_asked.Remove(requestId, out WatchSays? says))
        {
            _watched.UnionWith(says.UserIds);
        }
    }

    public void Refuse(ulong requestId)
    {
        _asked.Remove(requestId);
        Answer(requestId);
    }

    private void Take(PresenceEntry entry, bool isUpdate)
    {
        (ulong version, Shown? written) = this[entry.UserId];
        if (entry.Status == Status.Unknown)
        {
            // Whatever it holds may have been lost with the process before: the next word says so, or is above it.
            _known[entry.UserId] = (version, Shown.Of(entry));
            return;
        }

        if (isUpdate && written is { Status: not Status.Unknown } && entry.Version < version)
        {
            throw new ViolationException("P1", $"an update of {entry.UserId} went back from version {version} to {entry.Version}");
        }

        if (entry.Version >= version || entry.Reset || written is { Status: Status.Unknown })
        {
            _known[entry.UserId] = (entry.Version, Shown.Of(entry));
        }
    }
}
