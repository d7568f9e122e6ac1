using CsCheck;
using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class ReadPlanTests
{
    [Fact]
    public void A_read_asks_about_different_users_of_the_run_and_can_be_drawn_again() =>
        (from users in Gen.Int[1, 5_000]
         from most in Gen.Int[1, Math.Min(users, 1_000)]
         from least in Gen.Int[1, most]
         from read in Gen.Long[0, 1L << 40]
         from seed in Gen.ULong
         select (users, least, most, read, seed)).Sample(static at =>
        {
            var plan = new ReadPlan(new Population(FirstUser: 7, at.users, Links: 1), at.least, at.most, at.seed);
            ulong[] ids = new ulong[1_000];
            int size = plan.Fill(ids, at.read);
            Assert.InRange(size, at.least, at.most);
            Assert.Equal(size, ids.Take(size).Distinct().Count());
            Assert.All(ids.Take(size), id => Assert.InRange(id, 7UL, 6UL + (ulong)at.users));
            ulong[] again = new ulong[1_000];
            Assert.Equal(size, plan.Fill(again, at.read));
            Assert.Equal(ids, again);
        });

    [Fact]
    public void Sizes_are_spread_around_their_mean()
    {
        var plan = new ReadPlan(new Population(FirstUser: 1, Users: 100_000, Links: 1), 16, 1_000, seed: 3);
        ulong[] ids = new ulong[1_000];
        Assert.InRange(Enumerable.Range(0, 5_000).Average(read => plan.Fill(ids, read)), plan.MeanSize - 15, plan.MeanSize + 15);
    }
}
