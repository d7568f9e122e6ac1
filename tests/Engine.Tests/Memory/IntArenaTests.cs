using CsCheck;

namespace Presence.Engine.Tests;

public sealed class IntArenaTests
{
    private const int Block = 64;

    [Fact]
    public void Blocks_never_overlap_and_stay_where_they_are() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 1_000]).Array[0, 2_500].Sample(steps =>
        {
            using var arena = new IntArena(Block);
            var live = new List<(int Offset, int Mark)>();
            for (int i = 0; i < steps.Length; i++)
            {
                (bool allocates, int which) = steps[i];
                if (allocates || live.Count == 0)
                {
                    int offset = arena.Allocate();
                    Assert.Equal(0, offset % Block);
                    arena.Part(offset, Block).Fill(i);
                    live.Add((offset, i));
                }
                else
                {
                    (int offset, int mark) = live[which % live.Count];
                    Assert.Equal(-1, arena.Part(offset, Block).IndexOfAnyExcept(mark));
                    arena.Free(offset);
                    live.RemoveAt(which % live.Count);
                }
            }

            Assert.All(live, block => Assert.Equal(-1, arena.Part(block.Offset, Block).IndexOfAnyExcept(block.Mark)));
        }, iter: 100);

    [Fact]
    public void What_is_freed_is_used_again()
    {
        using var arena = new IntArena(Block);
        for (int i = 0; i < 100_000; i++)
        {
            arena.Free(arena.Allocate());
        }

        Assert.Equal(1 << 18, arena.Bytes);
    }
}
