namespace Presence.LoadClient.Links;

/// <summary>Random-looking numbers as a function of their number: nothing is stored, and any of them can be had again.</summary>
internal static class SplitMix
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>A bijection of all 64-bit numbers, the output function of SplitMix64.</summary>
    public static ulong Of(ulong value)
    {
        value += Step;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>The n-th number of the sequence that a seed names.</summary>
    public static ulong Of(ulong seed, ulong n) => Of(Of(seed) + (n * Step));

    /// <summary>The n-th of that sequence, scaled to 0 … <paramref name="below"/> − 1.</summary>
    public static long Below(ulong seed, ulong n, long below) => (long)Math.BigMul(Of(seed, n), (ulong)below, out _);
}
