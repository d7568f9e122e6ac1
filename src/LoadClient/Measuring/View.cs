using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>What one watcher has been told of the users it watches: the newest version of each.</summary>
/// <param name="watched">Whom it watches, ascending.</param>
internal sealed class View(ulong[] watched)
{
    private readonly ulong[] _versions = new ulong[watched.Length];
    private readonly byte[] _statuses = new byte[watched.Length];

    /// <summary>Of one who watches nobody.</summary>
    public static View None { get; } = new([]);

    public ReadOnlySpan<ulong> Watched => watched;

    /// <summary>Those held, one a watched user; 0 where nothing is known: what a watch that is sent again says.</summary>
    public ReadOnlySpan<ulong> Versions => _versions;

    /// <summary>The newest entry of the n-th watched user; status unspecified when none has come.</summary>
    public SeenEntry this[int n] => new(watched[n], _versions[n], (Status)_statuses[n]);

    /// <summary>The place of a user among the watched; below zero when it is not.</summary>
    public int IndexOf(ulong user) => Array.BinarySearch(watched, user);

    /// <summary>Takes an entry.</summary>
    /// <returns>True when it says something new.</returns>
    public bool Merge(in SeenEntry entry)
    {
        int n = IndexOf(entry.UserId);
        if (n < 0 || (entry.Version <= _versions[n] && _statuses[n] != 0 && !entry.IsReset))
        {
            return false;
        }

        bool isNews = entry.Version != _versions[n] || (byte)entry.Status != _statuses[n];
        _versions[n] = entry.Version;
        _statuses[n] = (byte)entry.Status;
        return isNews;
    }
}
