using CsCheck;

namespace Presence.Engine.Tests;

/// <summary>Whatever happens, when it is quiet again every watcher sees the truth, and when all have left nothing is left of them.</summary>
public sealed class WholeEngineTests
{
    private static readonly Gen<(int Act, int Which)[]> _acts = Gen.Select(Gen.Int[0, 129], Gen.Int[0, 999]).Array[0, 150];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Random_lives_end_in_the_truth_and_leave_nothing(int shards) => _acts.Sample(acts =>
    {
        using var world = new World(shards, new ShardOptions { StatusChanges = 0 });
        var actors = new Actors(world);
        for (int i = 0; i < acts.Length; i++)
        {
            actors.Do(acts[i].Act, acts[i].Which);
            if (i % 50 == 49)
            {
                actors.ComeToRest();
                actors.AssertAllSeeTheTruth();
            }
        }

        actors.ComeToRest();
        actors.AssertAllSeeTheTruth();
        actors.LeaveAll();
        world.Advance(60_000);
        world.AssertEmpty();
    }, iter: 300);
}
