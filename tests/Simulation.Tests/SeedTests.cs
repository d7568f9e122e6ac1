namespace Presence.Simulation.Tests;

/// <summary>Every seed keeps every promise. A failure says what broke, on the smallest plan that still breaks it, and how to replay that.</summary>
public sealed class SeedTests
{
    private const int Seeds = 500;

    [Fact]
    public void Five_hundred_seeds_keep_all_promises()
    {
        Trial? bad = null;
        int ran = 0;
        SeedRange.Run(
            first: 1,
            Seeds,
            Environment.ProcessorCount,
            trial =>
            {
                ran++;
                bad = trial.IsBad ? trial : bad;
                return bad is null;
            },
            Planner.Of);
        Assert.True(bad is null, bad is null ? "" : Explanation.Of(bad));
        Assert.Equal(Seeds, ran);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(77)]
    [InlineData(1_234_567)]
    public void The_same_plan_is_the_same_run(ulong seed)
    {
        Trial one = Trial.Of(Planner.Of(seed));
        Trial other = Trial.Of(Planner.Of(seed), TextWriter.Null);
        Assert.Equal((one.Happened, one.Fingerprint, one.Compared), (other.Happened, other.Fingerprint, other.Compared));
        Assert.NotEqual(0UL, one.Fingerprint);
    }

    [Fact]
    public void Another_seed_is_another_run() => Assert.NotEqual(Trial.Of(Planner.Of(1)).Fingerprint, Trial.Of(Planner.Of(2)).Fingerprint);

    [Fact]
    public void Every_kind_of_fault_strikes_in_the_first_hundred_plans() =>
        Assert.Equal(
            Enum.GetValues<FaultKind>(),
            Enumerable.Range(1, 100).SelectMany(seed => Planner.Of((ulong)seed).Faults).Select(fault => fault.Kind).Distinct().Order());
}
