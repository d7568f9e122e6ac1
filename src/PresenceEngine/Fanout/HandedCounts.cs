namespace Presence.Engine;

/// <summary>
/// To how many sessions of this shard each of the last changes was handed: a ring, for whoever asks why somebody was not told. In memory that the collector
/// does not see, of which only what is used is taken.
/// </summary>
/// <param name="begunMs">Unix milliseconds of now.</param>
internal sealed unsafe class HandedCounts(long begunMs) : IDisposable
{
    /// <summary>Changes that are remembered: 6 MB when all places are used, some 20 s of 12,000 changes a second that all are watched.</summary>
    public const int Capacity = 1 << 18;

    private readonly HandedCount* _ring = (HandedCount*)Pages.Map((nuint)(Capacity * sizeof(HandedCount)), huge: false);
    private long _added;

    /// <summary>Of what was decided since then, Unix milliseconds, whatever is not here was handed to nobody.</summary>
    public long SinceMs => _added <= Capacity ? begunMs : VersionClock.MsOf(_ring[_added % Capacity].Version);

    public void Add(in HandedCount count)
    {
        _ring[_added % Capacity] = count;
        _added++;
    }

    /// <summary>What is remembered of a user, oldest first. Looks through all: up to a millisecond.</summary>
    public List<HandedCount> Of(ulong userId)
    {
        List<HandedCount> found = [];
        for (long place = Math.Max(0, _added - Capacity); place < _added; place++)
        {
            ref HandedCount count = ref _ring[place % Capacity];
            if (count.UserId == userId)
            {
                found.Add(count);
            }
        }

        return found;
    }

    public void Dispose() => Pages.Unmap(_ring, (nuint)(Capacity * sizeof(HandedCount)));
}

/// <summary>One change and the watchers of one shard.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Version">Of the change.</param>
/// <param name="Sessions">It was handed to so many.</param>
/// <param name="Later">So many did not read fast enough: they are told the newest state when they do.</param>
public readonly record struct HandedCount(ulong UserId, ulong Version, int Sessions, int Later);
