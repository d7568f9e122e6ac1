using CsCheck;

namespace Presence.Engine.Tests;

public sealed class EqualBlocksTests
{
    [Fact]
    public void Blocks_keep_their_content_wherever_they_move() =>
        Gen.Select(Gen.Int[2, 9], Gen.Select(Gen.Frequency((3, Gen.Const(true)), (2, Gen.Const(false))), Gen.Int[0, 5_000]).Array[0, 5_000])
            .Sample((ints, steps) =>
            {
                using var blocks = new EqualBlocks(ints);

                // The owner of each block by its number: what the owners would know.
                var owners = new List<int>();
                for (int i = 0; i < steps.Length; i++)
                {
                    (bool adds, int which) = steps[i];
                    if (adds || owners.Count == 0)
                    {
                        Assert.Equal(owners.Count, blocks.Add(i));
                        blocks.Items(owners.Count, ints - 1).Fill(~i);
                        owners.Add(i);
                    }
                    else
                    {
                        int number = which % owners.Count;
                        int moved = blocks.Remove(number);
                        Assert.Equal(number == owners.Count - 1 ? EqualBlocks.None : owners[^1], moved);
                        owners[number] = owners[^1];
                        owners.RemoveAt(owners.Count - 1);
                    }
                }

                Assert.Equal(owners.Count, blocks.Count);
                for (int number = 0; number < owners.Count; number++)
                {
                    Assert.Equal(-1, blocks.Items(number, ints - 1).IndexOfAnyExcept(~owners[number]));
                }
            }, iter: 100);

    // Over several chunks down and up again: what is given back must be as good as new, and nothing else may be given back.
    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(1 << 14)]
    public void Memory_follows_what_is_in_use(int ints)
    {
        using var blocks = new EqualBlocks(ints);
        int most = (4 << 20) / (ints * sizeof(int));
        foreach (int target in (int[])[most, most / 3, 0, most / 2, 1, most, 0])
        {
            while (blocks.Count < target)
            {
                int number = blocks.Add(blocks.Count);
                blocks.Items(number, ints - 1).Fill(number);
            }

            while (blocks.Count > target)
            {
                Assert.Equal(EqualBlocks.None, blocks.Remove(blocks.Count - 1));
            }

            long needed = (long)target * ints * sizeof(int);
            Assert.InRange(blocks.Bytes, needed, needed + (2 * EqualBlocks.SlackBytes));
            for (int number = 0; number < target; number++)
            {
                Assert.Equal(-1, blocks.Items(number, ints - 1).IndexOfAnyExcept(number));
            }
        }
    }
}
