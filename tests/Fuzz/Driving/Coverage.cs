using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Presence.Fuzz;

/// <summary>
/// Which edges an execution went along, and how often: what the instrumented assemblies write, as AFL keeps it. Without instrumentation nothing is ever new.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private static readonly byte* _map = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _known = new byte[Size];

    /// <summary>Edges known so far.</summary>
    public int Edges { get; private set; }

    /// <summary>To be called before any instrumented code runs: it writes wherever it is told to, null included.</summary>
    public static void Attach() => Trace.SharedMem = _map;

    /// <summary>An execution begins.</summary>
    public static void Clear()
    {
        new Span<byte>(_map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the execution went along.</summary>
    /// <param name="countsMatter">Whether an edge taken much more often than before is something new.</param>
    /// <returns>Whether there was anything new.</returns>
    public bool Merge(bool countsMatter = true)
    {
        bool isNew = false;
        ReadOnlySpan<ulong> words = new(_map, Size / sizeof(ulong));
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] != 0)
            {
                isNew |= MergeWord(i * sizeof(ulong), countsMatter);
            }
        }

        return isNew;
    }

    private bool MergeWord(int from, bool countsMatter)
    {
        bool isNew = false;
        for (int edge = from; edge < from + sizeof(ulong); edge++)
        {
            int bits = _map[edge] == 0 ? 0 : countsMatter ? Magnitude(_map[edge]) : 1;
            if ((bits & ~_known[edge]) != 0)
            {
                Edges += _known[edge] == 0 ? 1 : 0;
                _known[edge] |= (byte)bits;
                isNew = true;
            }
        }

        return isNew;
    }

    // One bit for each order of magnitude: 1, 2-3, 4-7, …, 128-255.
    private static int Magnitude(byte count) => 1 << BitOperations.Log2(count);
}
