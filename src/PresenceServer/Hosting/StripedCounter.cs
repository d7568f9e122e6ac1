using System.Runtime.InteropServices;

namespace Presence.Server.Hosting;

/// <summary>A count that many threads add to without meeting: each has a cell, on cache lines of its own, that it shares with few others.</summary>
internal sealed class StripedCounter
{
    private const int Cells = 16;

    private readonly Cell[] _cells = new Cell[Cells];

    public long Value
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Cells; i++)
            {
                sum += Volatile.Read(ref _cells[i].Count);
            }

            return sum;
        }
    }

    public void Add(int count) => Interlocked.Add(ref _cells[Environment.CurrentManagedThreadId % Cells].Count, count);

    // Two lines: processors fetch them in pairs.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Count;
    }
}
