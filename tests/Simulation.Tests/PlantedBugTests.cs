namespace Presence.Simulation.Tests;

/// <summary>The simulator can fail. These are a few of the planted bugs; <c>dotnet run --project tests/Simulation -- planted</c> has all.</summary>
public sealed class PlantedBugTests
{
    // As many as the slowest of those below takes.
    private const int Seeds = 10;

    [Theory]
    [InlineData("gap-ignored")]
    [InlineData("gap-in-last-active")]
    [InlineData("held-until-slot")]
    [InlineData("fold-forgets")]
    public void A_planted_bug_is_found(string name)
    {
        using var engine = new PlantedEngine(PlantedBugs.Of(name));
        Assert.True(engine.FirstBad(Seeds) is not null, $"{Seeds} seeds do not find '{PlantedBugs.Of(name).Meaning}'");
    }

    [Fact]
    public void All_planted_bugs_fit_the_sources() => Assert.All(PlantedBugs.All, MutatedAssembly.CheckFits);

    [Fact]
    public void An_engine_without_one_keeps_its_promises()
    {
        using var engine = new PlantedEngine(PlantedBugs.None);
        Assert.Null(engine.FirstBad(Seeds));
    }

    [Fact]
    public void What_breaks_is_shrunk_and_can_be_replayed()
    {
        using var engine = new PlantedEngine(PlantedBugs.Of("last-active-back"));
        (ulong seed, string promise) = engine.FirstBad(Seeds)!.Value;
        string explanation = engine.Explain(seed);
        string[] replay = explanation.Split("-- ")[1].Replace("--trace", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Plan small = Commands.PlanOf(replay);
        Assert.True(small.Actors.Count <= 3, explanation);
        Assert.True(small.Faults.Count <= 1, explanation);
        Assert.Equal(promise, engine.Replay(replay));
    }
}
