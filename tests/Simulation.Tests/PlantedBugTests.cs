namespace Presence.Simulation.Tests;

/// <summary>The simulator can fail: every planted bug is found.</summary>
public sealed class PlantedBugTests
{
    public static TheoryData<string> Names => [.. PlantedBugs.All.Select(bug => bug.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_found(string name)
    {
        PlantedBug bug = PlantedBugs.All.Single(bug => bug.Name == name);
        (ulong Seed, string What)? found = PlantedTrial.Of(bug, PlantedBugs.Seeds);
        Assert.True(found is not null, $"{PlantedBugs.Seeds} seeds do not find '{bug.Meaning}'");
    }
}
