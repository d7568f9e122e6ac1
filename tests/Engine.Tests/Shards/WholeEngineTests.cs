using CsCheck;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Whatever happens, when it is quiet again every watcher sees the truth, and when all have left nothing is left of them.</summary>
public sealed class WholeEngineTests
{
    private const ulong Invisible = 3;

    private static readonly Gen<(int Act, int Which)[]> _acts = Gen.Select(Gen.Int[0, 129], Gen.Int[0, 999]).Array[0, 150];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Random_lives_end_in_the_truth_and_leave_nothing(int shards) => _acts.Sample(acts =>
    {
        using var world = new World(shards, new ShardOptions { StatusChanges = 0 });
        Live(world, new Actors(world), acts);
    }, iter: 300);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void So_they_do_when_they_begin_while_the_store_still_loads(int shards) => _acts.Sample(acts =>
    {
        using World before = Before(shards);
        using World world = before.Restart(afterMs: 1_000);
        world.Store.Unload(Actors.AllUsers);
        Live(world, new Actors(world, Invisible), acts);
    }, iter: 300);

    // One user is up when the process is killed, one has left, one is invisible, one was never seen.
    private static World Before(int shards)
    {
        var before = new World(shards, new ShardOptions { StatusChanges = 0 });
        before.Connect(1);
        before.Connect(2).Goodbye();
        before.Connect(Invisible).SetStatus(1, Status.Invisible);
        return before;
    }

    private static void Live(World world, Actors actors, (int Act, int Which)[] acts)
    {
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
    }
}
