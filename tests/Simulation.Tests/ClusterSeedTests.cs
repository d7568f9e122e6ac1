namespace Presence.Simulation.Tests;

/// <summary>Clusters keep every promise, whatever becomes of their nodes and the links between them; and the simulator can fail at that.</summary>
public sealed class ClusterSeedTests
{
    private const int Seeds = 40;

    // As many as the slowest of the planted bugs below takes.
    private const int SeedsOfBugs = 6;

    [Fact]
    public void Forty_clusters_keep_all_promises()
    {
        ClusterTrial? bad = null;
        int ran = 0;
        ClusterCommand.RunRange(
            first: 1,
            Seeds,
            Environment.ProcessorCount,
            trial =>
            {
                ran++;
                bad = trial.IsBad ? trial : bad;
                return bad is null;
            },
            ClusterPlanner.Of);
        Assert.True(bad is null, bad is null ? "" : ClusterExplanation.Of(bad));
        Assert.Equal(Seeds, ran);
    }

    [Fact]
    public void The_same_cluster_is_the_same_run()
    {
        var one = ClusterTrial.Of(ClusterPlanner.Of(7));
        var other = ClusterTrial.Of(ClusterPlanner.Of(7), TextWriter.Null);
        Assert.Equal((one.Happened, one.Fingerprint, one.Compared), (other.Happened, other.Fingerprint, other.Compared));
        Assert.NotEqual(one.Fingerprint, ClusterTrial.Of(ClusterPlanner.Of(8)).Fingerprint);
    }

    [Fact]
    public void Every_kind_of_fault_strikes_in_the_first_hundred_clusters() =>
        Assert.Equal(
            Enum.GetValues<ClusterFaultKind>(),
            Enumerable.Range(1, 100).SelectMany(static seed => ClusterPlanner.Of((ulong)seed).Faults).Select(static fault => fault.Kind).Distinct().Order());

    [Theory]
    [InlineData("reset-not-asked")]
    public void A_planted_bug_of_clusters_is_found(string name)
    {
        using var engine = new PlantedEngine(ClusterBugs.Of(name));
        Assert.True(engine.FirstBadCluster(SeedsOfBugs) is not null, $"{SeedsOfBugs} seeds do not find '{ClusterBugs.Of(name).Meaning}'");
    }

    [Fact]
    public void All_planted_bugs_of_clusters_fit_the_sources() => Assert.All(ClusterBugs.All, MutatedAssembly.CheckFits);
}
