namespace Presence.Engine;

/// <summary>One count for each value of an enumeration. Any thread.</summary>
public sealed class Tally<T>
    where T : struct, Enum
{
    private static readonly T[] s_kinds = Enum.GetValues<T>();

    private readonly long[] _counts = new long[s_kinds.Length];

    public void Add(T kind) => Interlocked.Increment(ref _counts[Array.BinarySearch(s_kinds, kind)]);

    public long Of(T kind) => Volatile.Read(ref _counts[Array.BinarySearch(s_kinds, kind)]);
}
