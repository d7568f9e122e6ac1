using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who was online when the previous process was killed is shown as before until d + 4δ.</summary>
public sealed class RecoveryTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Fact]
    public void Who_comes_back_in_time_never_left()
    {
        using World world = Killed(out ulong version);
        FakeConnection watcher = world.Watcher(Watcher, User);
        Assert.Equal((Status.Online, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        world.Advance(30_000);
        watcher.Beat();
        FakeConnection device = world.Connect(User);
        Assert.True(device.Welcome!.Value.Resumed);
        for (int i = 0; i < 10; i++)
        {
            world.Advance(10_000);
            device.Beat();
            watcher.Beat();
        }

        Assert.Equal((Status.Online, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_does_not_come_back_was_last_active_at_the_watermark(bool isWatched)
    {
        using World world = Killed(out ulong version);
        FakeConnection watcher = world.Connect(Watcher);
        if (isWatched)
        {
            watcher.Watch(1, [User]);
        }

        world.Advance(30_000);
        watcher.Beat();
        world.Advance(world.Options.RecoverForMs - 30_000 - 1);
        Assert.Equal(isWatched ? Status.Online : Status.Unspecified, watcher.StatusOf(User));
        world.Advance(1 + TimingWheel.TickMs);
        watcher.Watch(2, [User]);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)world.Store.LastWatermarkMs, watcher.Of(User).LastActiveMs);
        Assert.True(watcher.VersionOf(User) > version);
    }

    [Fact]
    public void What_was_read_before_a_user_came_and_went_undoes_nothing()
    {
        using World world = Killed(out _);
        FakeConnection watcher = world.Connect(Watcher);
        world.Store.AnswersAtOnce = false;
        PassRecovery(world, watcher);
        FakeConnection device = world.Connect(User);
        watcher.Watch(1, [User]);
        device.Goodbye();
        long left = world.WallMs;
        world.Advance(1_000);
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        world.Advance(1_000);
        Assert.Equal((Status.Offline, (ulong)left), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
        Assert.Equal(left, world.Store[User].LastActiveMs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_comes_back_without_a_word_of_its_status_goes_on_as_before(bool isRead)
    {
        using var before = new World(2);
        before.Connect(User).SetStatus(1, Status.Busy);
        ulong version = before.Ask(User).Version;
        using World world = before.Restart(afterMs: 3_000);
        FakeConnection watcher = world.Watcher(Watcher, isRead ? [User] : []);
        world.Store.AnswersAtOnce = isRead;
        FakeConnection device = world.Connect(User, status: Status.Unspecified);
        world.Store.AnswersAtOnce = true;
        world.Store.AnswerAll();
        watcher.Watch(2, [User]);
        PassRecovery(world, watcher, device);
        Assert.Equal((Status.Busy, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        Assert.Equal(isRead, device.Welcome!.Value.Resumed);
        // As a device of its own: what it says counts, and what it has left does not come back.
        device.SetStatus(2, Status.Online);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        device.Goodbye();
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        world.Connect(User, status: Status.Unspecified);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_was_away_and_says_when_its_user_is_active_is_so_no_more_once_it_is()
    {
        using var before = new World(2);
        before.Connect(User).SetStatus(1, Status.Away);
        using World world = before.Restart(afterMs: 3_000);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, status: Status.Unspecified, reportsActivity: true);
        Assert.Equal(Status.Away, watcher.StatusOf(User));
        device.Beat(HeartbeatFlags.Active);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_observer_who_is_first_to_come_back_does_not_end_it(bool isWatched)
    {
        using World world = Killed(out ulong version);
        FakeConnection watcher = world.Connect(Watcher);
        if (isWatched)
        {
            watcher.Watch(1, [User]);
        }

        FakeConnection observer = world.Connect(User, device: 5, status: Status.Offline);
        watcher.Watch(2, [User]);
        Assert.Equal((Status.Online, version), (watcher.StatusOf(User), watcher.VersionOf(User)));
        world.Advance(30_000);
        observer.Beat();
        watcher.Beat();
        world.Advance(25_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)world.Store.LastWatermarkMs, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void An_observer_who_then_shows_itself_takes_the_place_of_what_was()
    {
        using World world = Killed(out _);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection observer = world.Connect(User, device: 5, status: Status.Offline);
        observer.SetStatus(1, Status.Away);
        Assert.Equal(Status.Away, watcher.StatusOf(User));
        observer.Goodbye();
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void The_time_counts_from_when_the_node_accepts()
    {
        using World world = Killed(out _);
        world.Advance(40_000);
        Array.ForEach(world.Shards, shard => shard.BeginAccepting());
        world.Advance(40_000);
        Assert.Equal(Status.Online, world.Ask(User).Status);
        world.Advance(10_100);
        Assert.Equal(Status.Offline, world.Ask(User).Status);
        world.AssertEmpty();
    }

    [Fact]
    public void Who_was_offline_before_is_answered_as_before()
    {
        var store = new FakeStore();
        using var before = new World(store: store);
        before.Connect(User).Goodbye();
        PresenceState gone = before.Ask(User);
        using World world = before.Restart(afterMs: 10_000);
        Assert.Equal(gone, world.Ask(User));
        world.AssertEmpty();
    }

    [Fact]
    public void Who_does_not_come_back_was_last_active_by_its_record_if_that_is_later_than_the_watermark()
    {
        using World world = Killed(out _);
        long kept = world.Store[User].TrueLastActiveMs;
        world.Store.LastWatermarkMs = kept - 10_000;
        FakeConnection watcher = world.Watcher(Watcher, User);
        PassRecovery(world, watcher);
        Assert.Equal((Status.Offline, (ulong)kept), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    [Fact]
    public void A_process_that_is_killed_again_and_again_takes_no_time_into_the_future()
    {
        World world = Killed(out _);
        for (int kill = 0; kill < 10; kill++)
        {
            world.Connect(User).SetStatus(1, kill % 2 == 0 ? Status.Away : Status.Online);
            world.Advance(1_000);
            World next = world.Restart(afterMs: 1_000);
            world.Dispose();
            world = next;
        }

        using World last = world;
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Busy);
        world.Advance(1_000);
        device.Goodbye();
        Assert.Equal((Status.Offline, (ulong)world.WallMs), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
    }

    private static void PassRecovery(World world, params FakeConnection[] alive)
    {
        for (long waited = 0; waited <= world.Options.RecoverForMs; waited += 30_000)
        {
            world.Advance(30_000);
            Array.ForEach(alive, static one => one.Beat());
        }
    }

    private static World Killed(out ulong version)
    {
        using var before = new World(2);
        before.Connect(User);
        version = before.Ask(User).Version;
        before.Advance(7_000);
        return before.Restart(afterMs: 3_000);
    }
}
