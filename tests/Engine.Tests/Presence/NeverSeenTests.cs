using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who was invisible from the first moment was, for others, never there: not even a version tells of it (P9).</summary>
public sealed class NeverSeenTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const ulong Early = 3;

    private static readonly PresenceState _neverSeen = PresenceState.NeverSeen(User);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Others_are_told_what_they_are_told_of_nobody(int shards)
    {
        using var world = new World(shards);
        FakeConnection early = world.Watcher(Early, User);
        FakeConnection device = Hide(world);
        AssertUnseen(world);
        world.Advance(3_000);
        world.Connect(User, device: 2, status: Status.Busy);
        AssertUnseen(world);
        device.Goodbye();
        world.Advance(3_000);
        AssertUnseen(world);
        Assert.Empty(early.Updates);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void So_it_is_after_a_restart(bool graceful)
    {
        using var before = new World(2);
        Hide(before);
        before.Advance(3_000);
        if (graceful)
        {
            Array.ForEach(before.Shards, shard => shard.SaveAll());
        }

        using World after = before.Restart();
        AssertUnseen(after);
        Assert.Equal(Status.Invisible, after.AskSelf(User).Status);
        FakeConnection device = after.Connect(User);
        device.Watch(1, [User]);
        AssertUnseen(after);
        Assert.Equal(Status.Invisible, device.StatusOf(User));
    }

    [Fact]
    public void The_store_keeps_the_newest_choice()
    {
        using var before = new World();
        FakeConnection observer = before.Connect(User, status: Status.Offline);
        observer.SetStatus(1, Status.Invisible);
        Assert.Equal(0UL, observer.AckOf(1));
        observer.SetStatus(2, Status.Offline);
        Assert.Equal(0UL, observer.AckOf(2));
        AssertUnseen(before);
        using World after = before.Restart();
        AssertUnseen(after);
        FakeConnection watcher = after.Watcher(Watcher, User);
        FakeConnection device = after.Connect(User);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        device.SetStatus(1, Status.Online);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        using World last = after.Restart();
        Assert.Equal(Status.Online, last.Ask(User).Status);
    }

    [Fact]
    public void Versions_rise_once_it_is_seen()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = Hide(world);
        ulong kept = world.Store[User].Version;
        device.SetStatus(2, Status.Online);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.True(watcher.VersionOf(User) > kept);
        device.SetStatus(3, Status.Invisible);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.True(watcher.Of(User).HasLastActiveMs);
    }

    [Fact]
    public void Who_left_while_hidden_is_seen_again_only_on_purpose()
    {
        using var world = new World();
        Hide(world).Goodbye();
        world.Advance(5_000);
        FakeConnection observer = world.Connect(User, status: Status.Offline);
        AssertUnseen(world);
        observer.SetStatus(1, Status.Offline);
        AssertUnseen(world);
        observer.SetStatus(2, Status.Away);
        PresenceState shown = world.Ask(User);
        Assert.Equal(Status.Away, shown.Status);
        Assert.NotEqual(0UL, shown.Version);
    }

    [Fact]
    public void The_users_own_sessions_are_told_of_a_choice_that_has_no_version()
    {
        using var world = new World();
        FakeConnection own = world.Connect(User, status: Status.Offline);
        FakeConnection other = world.Connect(User, device: 2, status: Status.Offline);
        own.Watch(1, [User]);
        other.SetStatus(2, Status.Invisible);
        Assert.Equal(Status.Invisible, own.StatusOf(User));
        own.Watch(3, [User], 0);
        Assert.Equal(Status.Invisible, Assert.Single(own.AnswerTo(3)!).Status);
        other.SetStatus(4, Status.Offline);
        Assert.Equal(Status.Invisible, own.StatusOf(User));
        other.SetStatus(5, Status.Away);
        Assert.Equal(Status.Away, own.StatusOf(User));
    }

    [Fact]
    public void A_choice_is_told_to_own_sessions_that_do_not_read_once_they_do()
    {
        using var world = new World();
        world.Connect(User).Goodbye();
        FakeConnection own = world.Connect(User, status: Status.Offline);
        own.Watch(1, [User, Early]);
        own.IsBlocked = true;
        FakeConnection friend = world.Connect(Early);
        friend.SetStatus(1, Status.Busy);
        world.Lease(User, Status.Invisible);
        own.Drain();
        Assert.Equal(Status.Invisible, own.StatusOf(User));
    }

    [Fact]
    public void Coming_back_with_the_version_held_one_still_learns_of_the_own_choice()
    {
        using var world = new World();
        world.Connect(User).Goodbye();
        FakeConnection own = world.Connect(User, status: Status.Offline);
        own.Watch(1, [User]);
        ulong held = own.VersionOf(User);
        own.Lose();
        world.Lease(User, Status.Invisible);
        FakeConnection back = world.Connect(User, status: Status.Offline);
        back.Watch(1, [User], held);
        Assert.Equal(Status.Invisible, back.StatusOf(User));
        FakeConnection stranger = world.Connect(Watcher, status: Status.Offline);
        stranger.Watch(1, [User], held);
        Assert.Empty(stranger.AnswerTo(1)!);
    }

    [Fact]
    public void Who_is_not_in_memory_is_told_its_own_choice_and_others_are_not()
    {
        using var world = new World(4);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Invisible);
        device.Goodbye();
        Assert.Equal(Status.Invisible, world.AskSelf(User).Status);
        Assert.Equal(Status.Offline, world.Ask(User).Status);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_asks_for_itself_while_it_is_loaded_is_told_the_truth()
    {
        using var before = new World();
        before.Connect(User).SetStatus(1, Status.Invisible);
        using World after = before.Restart();
        after.Store.AnswersAtOnce = false;
        FakeConnection own = after.Connect(User);
        own.Watch(1, [User]);
        after.Store.AnswerOne(1);
        after.Settle();
        Assert.Equal(Status.Invisible, own.StatusOf(User));
        after.Store.AnswerAll();
        after.Settle();
        Assert.Equal(Status.Invisible, own.StatusOf(User));
    }

    private static FakeConnection Hide(World world)
    {
        FakeConnection device = world.Connect(User, http: true, hidden: true);
        device.SetStatus(1, Status.Invisible);
        Assert.Equal(0UL, device.AckOf(1));
        return device;
    }

    private static void AssertUnseen(World world)
    {
        Assert.Equal(_neverSeen, world.Ask(User));
        FakeConnection stranger = world.Watcher(Watcher, User);
        stranger.Query(2, User);
        PresenceEntry nobody = new() { UserId = User, Status = Status.Offline };
        Assert.Equal(nobody, Assert.Single(stranger.AnswerTo(1)!));
        Assert.Equal(nobody, Assert.Single(stranger.AnswerTo(2)!));
        stranger.Goodbye();
    }
}
