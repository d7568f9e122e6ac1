using System.Numerics;

namespace Presence.LoadClient.Links;

/// <summary>
/// Who of a link's users is down at the moment, by place: a bitmap of which only the words are kept that are not empty, so it costs by
/// those who are down and not by those who are up.
/// </summary>
internal sealed class AbsentPlaces
{
    private const int WordBits = 64;

    private readonly Dictionary<long, ulong> _words = [];

    public long Count { get; private set; }

    public void Add(long place)
    {
        ulong before = _words.GetValueOrDefault(place / WordBits);
        _words[place / WordBits] = before | Bit(place);
        Count += (before & Bit(place)) == 0 ? 1 : 0;
    }

    public void Remove(long place)
    {
        if (!_words.TryGetValue(place / WordBits, out ulong before) || (before & Bit(place)) == 0)
        {
            return;
        }

        Count--;
        if (before == Bit(place))
        {
            _words.Remove(place / WordBits);
        }
        else
        {
            _words[place / WordBits] = before & ~Bit(place);
        }
    }

    /// <summary>The first absent place of a range.</summary>
    /// <returns><paramref name="end"/> when all are present.</returns>
    public long FirstIn(long start, long end)
    {
        if (Count == 0)
        {
            return end;
        }

        for (long word = start / WordBits; word * WordBits < end; word++)
        {
            if (!_words.TryGetValue(word, out ulong bits))
            {
                continue;
            }

            long first = word * WordBits;
            ulong inside = first < start ? bits & (ulong.MaxValue << (int)(start - first)) : bits;
            if (inside != 0)
            {
                return Math.Min(end, first + BitOperations.TrailingZeroCount(inside));
            }
        }

        return end;
    }

    private static ulong Bit(long place) => 1UL << (int)(place % WordBits);
}
