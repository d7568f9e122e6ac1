using CsCheck;

namespace Presence.Engine.Tests;

public sealed class IntArenaTests
{
    [Fact]
    public void Blocks_never_overlap() =>
        Gen.Select(Gen.Bool, Gen.Frequency((9, Gen.Int[1, 60]), (1, Gen.Int[1_000, IntArena.MaxBlock]))).Array[0, 600].Sample(steps =>
        {
            using var arena = new IntArena();
            var live = new List<(int Offset, int Capacity, int Mark)>();
            for (int i = 0; i < steps.Length; i++)
            {
                (bool allocates, int count) = steps[i];
                if (allocates || live.Count == 0)
                {
                    int capacity = IntArena.CapacityFor(count);
                    int offset = arena.Allocate(capacity);
                    arena.Block(offset, capacity).Fill(i);
                    live.Add((offset, capacity, i));
                }
                else
                {
                    (int offset, int capacity, int mark) = live[count % live.Count];
                    Assert.Equal(-1, arena.Block(offset, capacity).IndexOfAnyExcept(mark));
                    arena.Free(offset, capacity);
                    live.RemoveAt(count % live.Count);
                }
            }

            Assert.All(live, block => Assert.Equal(-1, arena.Block(block.Offset, block.Capacity).IndexOfAnyExcept(block.Mark)));
        }, iter: 300);

    [Fact]
    public void A_block_is_large_enough_and_wastes_at_most_a_third()
    {
        for (int count = 1; count <= IntArena.MaxBlock; count++)
        {
            int capacity = IntArena.CapacityFor(count);
            Assert.InRange(capacity, count, Math.Max(count, (count * 3 / 2) - 1));
            Assert.Equal(capacity, IntArena.CapacityFor(capacity));
        }
    }

    [Fact]
    public void What_is_freed_is_used_again()
    {
        using var arena = new IntArena();
        for (int i = 0; i < 100_000; i++)
        {
            arena.Free(arena.Allocate(1_024), 1_024);
        }

        Assert.Equal(1 << 18, arena.Bytes);
    }
}
