using CsCheck;
using Presence.LoadClient.Links;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

/// <summary>What is computed of a plan against a dictionary that is led along.</summary>
public sealed class ChangePlanTests
{
    private static readonly Gen<(int Users, int PerWave, int Changes, ulong Seed)> _runs =
        from users in Gen.Int[1, 300]
        from perWave in Gen.Int[1, 400]
        from changes in Gen.Int[0, 4_000]
        from seed in Gen.ULong
        select (users, perWave, changes, seed);

    [Fact]
    public void Computed_states_are_those_of_the_changes_one_after_another() => _runs.Sample(static run =>
    {
        var plan = new ChangePlan(run.Users, run.PerWave, run.Seed);
        var numbers = new Dictionary<long, List<long>>();
        var states = new Dictionary<long, Status>();
        for (int k = 0; k < run.Changes; k++)
        {
            Change change = plan[k];
            Assert.Equal(k, change.Number);
            Assert.NotEqual(states.GetValueOrDefault(change.User, Status.Online), change.Status);
            states[change.User] = change.Status;
            (numbers.TryGetValue(change.User, out List<long>? own) ? own : numbers[change.User] = []).Add(k);
        }

        for (int user = 0; user < run.Users; user++)
        {
            List<long> own = numbers.GetValueOrDefault(user, []);
            UserChanges changes = plan.Of(user);
            Assert.Equal(own.Count, changes.Among(run.Changes));
            Assert.Equal(states.GetValueOrDefault(user, Status.Online), changes.After(own.Count));
            Assert.Equal(own, Enumerable.Range(1, own.Count).Select(count => changes.NumberOf(count)));
        }
    });

    [Fact]
    public void A_count_is_right_after_every_change() => _runs.Sample(
        static run =>
        {
            var plan = new ChangePlan(run.Users, run.PerWave, run.Seed);
            UserChanges first = plan.Of(0);
            long counted = 0;
            for (int k = 0; k < Math.Min(run.Changes, 500); k++)
            {
                Assert.Equal(counted, first.Among(k));
                counted += plan[k].User == 0 ? 1 : 0;
            }
        },
        iter: 30);

    [Fact]
    public void Two_changes_of_a_user_are_a_wave_apart() => _runs.Sample(static run =>
    {
        var plan = new ChangePlan(run.Users, run.PerWave, run.Seed);
        var latest = new Dictionary<long, long>();
        for (int k = 0; k < run.Changes; k++)
        {
            long user = plan[k].User;
            Assert.True(!latest.TryGetValue(user, out long before) || k - before >= plan.Apart);
            latest[user] = k;
        }
    });

    [Fact]
    public void Every_kind_of_change_is_among_those_of_a_moment()
    {
        var plan = new ChangePlan(users: 1_000_000, storiesPerWave: 60_000, seed: 1);
        Status[] kinds = [.. Enumerable.Range(0, 100).Select(k => plan[k].Status).Distinct().Order()];
        Assert.Equal([Status.Offline, Status.Away, Status.Busy], kinds);
    }
}
