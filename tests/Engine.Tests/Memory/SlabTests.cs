using CsCheck;

namespace Presence.Engine.Tests;

public sealed class SlabTests
{
    [Fact]
    public void Slots_keep_what_was_put_in_until_they_are_freed_and_come_back_zeroed() =>
        Gen.Int[0, 9].Array[0, 6_000].Sample(choices =>
        {
            using var slab = new Slab<(long First, long Second)>();
            var model = new Dictionary<int, long>();
            var live = new List<int>();
            for (int i = 0; i < choices.Length; i++)
            {
                if (choices[i] < 6 || live.Count == 0)
                {
                    int index = slab.Allocate();
                    Assert.Equal((0L, 0L), slab[index]);
                    Assert.True(model.TryAdd(index, i), "a slot was handed out twice");
                    slab[index] = (i, ~i);
                    live.Add(index);
                }
                else
                {
                    int place = i % live.Count;
                    slab.Free(live[place]);
                    model.Remove(live[place]);
                    live[place] = live[^1];
                    live.RemoveAt(live.Count - 1);
                }
            }

            Assert.Equal(model.Count, slab.Count);
            Assert.All(model, pair => Assert.Equal((pair.Value, ~pair.Value), slab[pair.Key]));
            Assert.All(model.Keys, index => Assert.InRange(index, 0, slab.HighWater - 1));
        }, iter: 100);
}
