using CsCheck;

namespace Presence.Engine.Tests;

public sealed class IdIndexTests
{
    // Few different ids, so that they are added and removed again and again; the top bits differ too.
    private static readonly Gen<ulong> _ids = Gen.Select(Gen.ULong[1, 200], Gen.Bool, (low, high) => high ? low | (1UL << 62) : low);

    [Fact]
    public void It_finds_what_a_dictionary_finds() =>
        Gen.Select(Gen.ULong, Gen.Select(Gen.Bool, _ids).Array[0, 2_000]).Sample((seed, steps) =>
        {
            var slab = new List<ulong>();
            using var index = new IdIndex<Keys>(new Keys(slab), seed);
            var model = new Dictionary<ulong, int>();
            foreach ((bool adds, ulong id) in steps)
            {
                if (adds && !model.ContainsKey(id))
                {
                    slab.Add(id);
                    index.Add(id, slab.Count - 1);
                    model[id] = slab.Count - 1;
                }
                else if (!adds)
                {
                    Assert.Equal(model.Remove(id), index.Remove(id));
                }

                Assert.Equal(model.TryGetValue(id, out int at) ? at : -1, index.Find(id));
            }

            Assert.Equal(model.Count, index.Count);
            Assert.All(model, pair => Assert.Equal(pair.Value, index.Find(pair.Key)));
        }, iter: 300);

    [Theory]
    [InlineData(1UL)]
    [InlineData(0xDEAD_BEEF_0000_0001UL)]
    public void It_grows_to_many_ids_and_shrinks_to_none_within_its_budget(ulong seed)
    {
        const int Count = 300_000;
        var slab = new List<ulong>();
        using var index = new IdIndex<Keys>(new Keys(slab), seed);
        for (int i = 0; i < Count; i++)
        {
            slab.Add((ulong)i + 1);
            index.Add((ulong)i + 1, i);
        }

        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(i, index.Find((ulong)i + 1)));
        Assert.Equal(-1, index.Find(Count + 1));
        Assert.InRange((double)index.Bytes / Count, 4, 12);
        for (int i = 0; i < Count; i++)
        {
            Assert.True(index.Remove((ulong)i + 1));
        }

        Assert.Equal(0, index.Count);
        Assert.Equal(-1, index.Find(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(1_000)]
    [InlineData(200_000)]
    public void What_was_reserved_takes_what_it_would_have_grown_to(int before)
    {
        const int Count = 200_000;
        var slab = new List<ulong>();
        using var grown = new IdIndex<Keys>(new Keys(slab), 7);
        using var reserved = new IdIndex<Keys>(new Keys(slab), 7);
        for (int i = 0; i < Count; i++)
        {
            if (i == before)
            {
                reserved.Reserve(Count);
            }

            slab.Add((ulong)i + 1);
            grown.Add((ulong)i + 1, i);
            reserved.Add((ulong)i + 1, i);
        }

        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(i, reserved.Find((ulong)i + 1)));
        Assert.Equal(grown.Bytes, reserved.Bytes);
    }

    private readonly struct Keys(List<ulong> slab) : IKeyed
    {
        public ulong KeyOf(int index) => slab[index];

        public void Prefetch(int index)
        {
        }
    }
}
