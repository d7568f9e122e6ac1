namespace Presence.Simulation;

/// <summary>
/// All chance of a run, from its seed. Whoever needs some takes a stream of its own (<see cref="Of"/>), so that taking one actor out of a run leaves the
/// others' luck as it was: that is what makes shrinking work.
/// </summary>
internal sealed class Chance : Random
{
    private readonly ulong _seed;
    private ulong _state;

    public Chance(ulong seed) => _seed = _state = seed;

    /// <summary>A stream that is this one's and the salt's alone.</summary>
    public Chance Of(ulong salt) => new(Mix(_seed ^ Mix(salt + 0x9E37_79B9_7F4A_7C15)));

    public bool Hits(double probability) => NextDouble() < probability;

    /// <summary>From <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public long Between(long low, long high) => low + (long)(NextBits() % (ulong)(high - low + 1));

    public int Below(int bound) => (int)(NextBits() % (ulong)bound);

    public T Pick<T>(params ReadOnlySpan<T> among) => among[Below(among.Length)];

    public ulong NextBits() => Mix(_state += 0x9E37_79B9_7F4A_7C15);

    public override double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public override int Next() => Below(int.MaxValue);

    public override int Next(int maxValue) => Below(maxValue);

    public override long NextInt64(long maxValue) => Between(0, maxValue - 1);

    protected override double Sample() => NextDouble();

    // SplitMix64.
    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }
}
