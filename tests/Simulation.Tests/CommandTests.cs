namespace Presence.Simulation.Tests;

/// <summary>A command line does what docs/simulation.md says, or says that it does not.</summary>
public sealed class CommandTests
{
    // Of two minutes.
    private const ulong Seed = 4;

    [Theory]
    [InlineData("--seeds", "0")]
    [InlineData("--seeds", "-1")]
    [InlineData("--jobs", "0")]
    [InlineData("--minutes", "0")]
    [InlineData("--minutes", "-1")]
    [InlineData("--minutes", "NaN")]
    [InlineData("--minutes", "1e12")]
    [InlineData("--clients", "0")]
    [InlineData("--shards", "1025")]
    [InlineData("--actors", "x")]
    [InlineData("--faults", "1,,2")]
    [InlineData("--seed", "-1")]
    [InlineData("planted", "--jobs", "0")]
    [InlineData("planted", "nothing")]
    public void What_it_cannot_do_is_usage_and_no_promise_that_was_kept_or_broken(params string[] args) => Assert.Equal(2, Commands.Run(args));

    [Fact]
    public void In_more_minutes_more_goes_wrong_and_at_first_the_same()
    {
        Plan own = Planner.Of(Seed);
        long length = own.Settings.LengthMs;
        Plan longer = Commands.PlanOf(["--seed", $"{Seed}", "--minutes", $"{length * 20 / 60_000}"]);
        Assert.Equal(own.Faults, longer.Faults.Where(fault => fault.AtMs < length));
        Assert.InRange(longer.Faults.Select(fault => fault.AtMs / length).Distinct().Count(), 15, 20);
        Assert.Equal(longer.Faults.Count, longer.Faults.DistinctBy(fault => fault.Number).Count());
        Assert.All(longer.Faults, fault => Assert.InRange(fault.AtMs, 5_000, longer.Settings.LengthMs));
    }

    [Theory]
    [InlineData("--minutes", "0.5")]
    [InlineData("--minutes", "30")]
    [InlineData("--minutes", "30", "--faults", "1,42", "--actors", "0,2")]
    [InlineData("--faults", "none")]
    [InlineData("--shards", "8", "--minutes", "30")]
    [InlineData("--shards", "3")]
    [InlineData("--clients", "100")]
    public void What_replays_a_plan_is_that_plan(params string[] args)
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Plan plan = Commands.PlanOf(["--seed", $"{seed}", .. args]);
            Plan again = Commands.PlanOf(plan.Replay.Split(' '));
            Assert.Equal(plan.Settings, again.Settings);
            Assert.Equal(plan.Actors, again.Actors);
            Assert.Equal(plan.Faults, again.Faults);
        }
    }
}
