namespace Presence.LoadClient.Links;

/// <summary>Whom read number n asks about: a size between two, and as many different users from anywhere.</summary>
internal sealed class ReadPlan
{
    // A stride that scatters; from here the next that has no divisor in common with the number of users.
    private const long GoldenStride = 1_640_531_527;

    private readonly Population _population;
    private readonly ulong _seed;
    private readonly int _least;
    private readonly int _most;
    private readonly long _stride;

    /// <param name="least">Ids a read, at least.</param>
    /// <param name="most">At most; not more than there are users.</param>
    public ReadPlan(Population population, int least, int most, ulong seed)
    {
        (_population, _least, _most, _seed) = (population, least, most, seed);
        _stride = GoldenStride % population.Users;
        while (Divisor(_stride, population.Users) != 1)
        {
            _stride++;
        }
    }

    /// <summary>Ids a read on average.</summary>
    public double MeanSize => (_least + _most) / 2.0;

    public int MostIds => _most;

    /// <returns>How many.</returns>
    public int Fill(Span<ulong> ids, long read)
    {
        int size = _least + (int)SplitMix.Below(_seed, (ulong)read * 2, _most - _least + 1);
        long user = SplitMix.Below(_seed, ((ulong)read * 2) + 1, _population.Users);
        for (int i = 0; i < size; i++)
        {
            ids[i] = _population.IdOf(user);
            user += _stride;
            user -= user >= _population.Users ? _population.Users : 0;
        }

        return size;
    }

    private static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
}
