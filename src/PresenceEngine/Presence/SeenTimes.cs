namespace Presence.Engine;

/// <summary>When a user in memory was last seen, Unix milliseconds; -1 = unknown.</summary>
/// <param name="LastActiveMs">What others are told while the user is offline; frozen while invisible.</param>
/// <param name="TrueLastActiveMs">The last sign of life of any of its devices, whatever is shown.</param>
internal readonly record struct SeenTime(long LastActiveMs, long TrueLastActiveMs)
{
    public static readonly SeenTime Unknown = new(-1, -1);
}

/// <summary>
/// Last-active times of the few users in memory that need one: observers, invisible users, users one of whose devices has left. Everybody
/// else in memory is online, and everybody not in memory is in the store.
/// </summary>
internal sealed class SeenTimes(UserTable users)
{
    private readonly Dictionary<int, SeenTime> _times = [];

    public int Count => _times.Count;

    public SeenTime Of(int entry) => users[entry].Has(UserFlags.HasTimes) ? _times[entry] : SeenTime.Unknown;

    public void Set(int entry, SeenTime time)
    {
        users[entry].Set(UserFlags.HasTimes, true);
        _times[entry] = time;
    }

    /// <summary>A sign of life at <paramref name="wallMs"/>; times never go backwards.</summary>
    public void SeenAt(int entry, long wallMs)
    {
        SeenTime time = Of(entry);
        Set(entry, time with { TrueLastActiveMs = Math.Max(time.TrueLastActiveMs, wallMs) });
    }

    public void Forget(int entry)
    {
        if (users[entry].Has(UserFlags.HasTimes))
        {
            _times.Remove(entry);
            users[entry].Set(UserFlags.HasTimes, false);
        }
    }
}
