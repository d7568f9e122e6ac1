using CsCheck;
using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class LinkUsersTests
{
    [Fact]
    public void Every_user_is_on_one_link_at_one_place()
    {
        var population = new Population(FirstUser: 5, Users: 103, Links: 8);
        List<ulong> ids = [];
        for (int link = 0; link < population.Links; link++)
        {
            var users = new LinkUsers(population, link);
            ulong[] own = new ulong[users.Count];
            Assert.Equal(own.Length, users.Fill(own, 0, own.Length));
            for (int place = 0; place < own.Length; place++)
            {
                Assert.True(population.TryFind(own[place], out long user));
                Assert.Equal((link, place), (population.LinkOf(user), population.PlaceOf(user)));
            }

            ids.AddRange(own);
        }

        Assert.Equal(Enumerable.Range(5, 103).Select(static id => (ulong)id), ids.Order());
        Assert.False(population.TryFind(4, out _));
        Assert.False(population.TryFind(108, out _));
    }

    [Fact]
    public void Who_is_down_is_left_out() =>
        (from absent in Gen.Int[0, 999].HashSet[0, 60]
         from start in Gen.Int[0, 999]
         from count in Gen.Int[0, 1_000 - start]
         select (absent, start, count)).Sample(static at =>
        {
            var users = new LinkUsers(new Population(FirstUser: 1, Users: 3_000, Links: 3), link: 2);
            foreach (int place in at.absent)
            {
                users.Absent.Add(place);
            }

            ulong[] ids = new ulong[at.count];
            int filled = users.Fill(ids, at.start, at.count);
            IEnumerable<ulong> expected = Enumerable.Range(at.start, at.count).Where(place => !at.absent.Contains(place))
                .Select(static place => (ulong)((place * 3) + 2 + 1));
            Assert.Equal(expected, ids.Take(filled));
        });

    [Fact]
    public void Absent_places_come_and_go() => Gen.Select(Gen.Int[0, 200], Gen.Bool).List[0, 300].Sample(static steps =>
    {
        var absent = new AbsentPlaces();
        var model = new SortedSet<int>();
        foreach ((int place, bool comes) in steps)
        {
            if (comes)
            {
                absent.Remove(place);
                model.Remove(place);
            }
            else
            {
                absent.Add(place);
                model.Add(place);
            }
        }

        Assert.Equal(model.Count, absent.Count);
        for (int start = 0; start <= 200; start++)
        {
            Assert.Equal(model.GetViewBetween(start, 200) is { Count: > 0 } rest ? rest.Min : 201, absent.FirstIn(start, 201));
        }
    });

    [Fact]
    public void A_round_beats_every_place_once_an_interval_however_late_it_looks() =>
        (from places in Gen.Int[1, 500]
         from first in Gen.Int[0, places - 1]
         from looks in Gen.Int[1, 250].List[1, 50]
         from most in Gen.Int[1, 100]
         select (places, first, looks, most)).Sample(static at =>
        {
            var pace = new PlacePace(at.places, at.places / 10.0, TimeSpan.Zero, at.first, rounds: true);
            int[] beats = new int[at.places];
            TimeSpan now = TimeSpan.Zero;
            foreach (int look in at.looks)
            {
                now += TimeSpan.FromMilliseconds(look * 100);
                while (pace.TryTake(now, at.most, out long place, out int count))
                {
                    Assert.InRange(count, 1, at.most);
                    for (int i = 0; i < count; i++)
                    {
                        beats[place + i]++;
                    }
                }
            }

            int rounds = (int)(now.TotalSeconds / 10) - (int)pace.RoundsLeftOut;
            Assert.All(beats, count => Assert.InRange(count, rounds, rounds + 1));
            Assert.InRange(pace.Behind(now), TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        });

    [Fact]
    public void A_ramp_ends_after_the_last_place()
    {
        var pace = new PlacePace(10, 5, TimeSpan.FromSeconds(1), first: 0, rounds: false);
        Assert.False(pace.TryTake(TimeSpan.FromSeconds(0.9), 100, out _, out _));
        Assert.True(pace.TryTake(TimeSpan.FromSeconds(2), 100, out long place, out int count));
        Assert.Equal((0, 6), (place, count));
        Assert.True(pace.TryTake(TimeSpan.FromSeconds(60), 100, out place, out count));
        Assert.Equal((6, 4), (place, count));
        Assert.True(pace.IsDone);
        Assert.False(pace.TryTake(TimeSpan.FromSeconds(90), 100, out _, out _));
    }
}
