using CsCheck;
using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class PermutationTests
{
    [Fact]
    public void Every_number_has_one_place_and_every_place_one_number() =>
        Gen.Select(Gen.Int[1, 3_000], Gen.ULong).Sample((count, seed) =>
        {
            var order = new Permutation(count, seed);
            var seen = new HashSet<long>();
            for (int place = 0; place < count; place++)
            {
                Assert.InRange(order[place], 0, count - 1);
                Assert.True(seen.Add(order[place]));
                Assert.Equal(place, order.PlaceOf(order[place]));
            }
        });

    [Fact]
    public void It_turns_back_at_any_size() =>
        (from count in Gen.Long[1, 1L << 62]
         from place in Gen.Long[0, count - 1]
         from seed in Gen.ULong
         select (count, place, seed)).Sample(static (at) =>
        {
            var order = new Permutation(at.count, at.seed);
            Assert.InRange(order[at.place], 0, at.count - 1);
            Assert.Equal(at.place, order.PlaceOf(order[at.place]));
        });

    [Fact]
    public void Neighbours_are_scattered_over_everybody()
    {
        const int Users = 1_000_000, Drawn = 10_000, Parts = 10;
        var order = new Permutation(Users, seed: 7);
        int[] perPart = new int[Parts];
        for (int place = 0; place < Drawn; place++)
        {
            perPart[order[place] / (Users / Parts)]++;
        }

        Assert.All(perPart, static count => Assert.InRange(count, 850, 1_150));
        Assert.NotEqual(order[0], new Permutation(Users, seed: 8)[0]);
    }
}
