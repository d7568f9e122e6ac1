using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Between snapshot and updates nothing is lost, whatever the order of answers (P2).</summary>
public sealed class NoGapTests
{
    private const ulong User = 1;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    [InlineData(4, 4)]
    public void A_user_who_flips_a_thousand_times_while_being_watched_ends_right_everywhere(int shards, int seed)
    {
        var random = new Random(seed);
        using var world = new World(shards, new ShardOptions { StatusChanges = 0 });
        var watchers = new List<FakeConnection>();
        FakeConnection device = world.Connect(User);
        world.Store.AnswersAtOnce = false;
        world.IsPaused = true;
        for (int flip = 0; flip < 1_000; flip++)
        {
            device = Flip(world, device, random);
            if (flip % 10 == 0)
            {
                FakeConnection watcher = world.Connect((ulong)(100 + flip), status: Status.Offline);
                watcher.Watch(1, [User, (ulong)(5_000 + flip)]);
                watchers.Add(watcher);
            }
            else if (flip % 7 == 0 && random.Next(2) == 0)
            {
                FakeConnection watcher = watchers[random.Next(watchers.Count)];
                watcher.Unwatch(2, User);
                watcher.Watch(3, [User], watcher.VersionOf(User));
            }

            Turn(world, random);
        }

        world.IsPaused = false;
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        world.Settle();
        Protocol.PresenceState truth = world.Ask(User);
        Assert.All(watchers, watcher => Assert.Equal((truth.Status, truth.Version), (watcher.StatusOf(User), watcher.VersionOf(User))));
    }

    private static FakeConnection Flip(World world, FakeConnection device, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                device.Goodbye();
                device.Lose();
                return world.Connect(User);
            case 1:
                return world.Connect(User, status: Status.Away);
            default:
                device.SetStatus(9, random.Next(2) == 0 ? Status.Busy : Status.Online);
                return device;
        }
    }

    // Shards get turns as the scheduler likes; the store answers when it likes.
    private static void Turn(World world, Random random)
    {
        for (int i = random.Next(4); i > 0; i--)
        {
            world.TurnOf(random.Next(world.Shards.Length));
        }

        if (world.Store.Open > 0 && random.Next(3) == 0)
        {
            world.Store.AnswerOne(random.Next(world.Store.Open));
        }

        world.Skip(random.Next(20));
        world.CanaryMs = world.MonoMs;
    }
}
