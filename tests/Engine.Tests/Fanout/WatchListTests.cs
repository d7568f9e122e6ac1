using CsCheck;

namespace Presence.Engine.Tests;

public sealed class WatchListTests
{
    [Fact]
    public void Lists_of_one_arena_do_not_disturb_each_other() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 100]).Array[0, 800].Sample(steps =>
        {
            using var arena = new IntArena();
            var real = new WatchList[4];
            var model = new HashSet<int>[] { [], [], [], [] };
            foreach ((int act, int list, int watched) in steps)
            {
                if (act < 6)
                {
                    if (model[list].Add(watched))
                    {
                        real[list].Add(arena, watched);
                    }
                }
                else if (act < 9)
                {
                    Assert.Equal(model[list].Remove(watched), real[list].Remove(arena, watched));
                }
                else
                {
                    model[list].Clear();
                    real[list].Clear(arena);
                }
            }

            for (int i = 0; i < real.Length; i++)
            {
                Assert.Equal(model[i].Order(), real[i].Items(arena).ToArray().Order());
                Assert.Equal(model[i].Count, real[i].Count);
            }
        }, iter: 500);
}
