using Google.Protobuf;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>INVISIBLE belongs to the user, looks like a goodbye to everybody else and ends only on purpose (P9).</summary>
public sealed class InvisibleTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Going_invisible_looks_to_the_byte_like_a_goodbye(int shards)
    {
        byte[] invisible = Entry(shards, device => device.SetStatus(1, Status.Invisible));
        byte[] goodbye = Entry(shards, device => device.Goodbye());
        Assert.Equal(goodbye, invisible);
    }

    [Fact]
    public void It_stays_frozen_while_devices_come_and_go()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Invisible);
        PresenceEntry frozen = watcher.Of(User).Clone();
        world.Advance(3_000);
        FakeConnection second = world.Connect(User, device: 2, status: Status.Busy, kind: DeviceKinds.Mobile);
        world.Advance(3_000);
        device.Goodbye();
        world.Advance(3_000);
        second.Lose();
        world.Advance(20_000);
        world.Connect(User, device: 3);
        watcher.Watch(9, [User], 0);
        Assert.Equal(frozen, watcher.Of(User));
        Assert.Equal(frozen, Assert.Single(watcher.AnswerTo(9)!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_survives_a_restart_and_ends_only_by_an_explicit_status(bool graceful)
    {
        var store = new FakeStore();
        using var before = new World(2, store: store);
        before.Connect(User).SetStatus(1, Status.Invisible);
        PresenceState frozen = before.Ask(User);
        before.Advance(5_000);
        if (graceful)
        {
            Array.ForEach(before.Shards, shard => shard.SaveAll());
        }

        using World after = before.Restart(afterMs: 2_000);
        Assert.Equal(frozen, after.Ask(User));
        FakeConnection device = after.Connect(User);
        FakeConnection watcher = after.Watcher(Watcher, User);
        Assert.Equal(frozen, after.Ask(User));
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        after.Advance(1_000);
        device.SetStatus(2, Status.Away);
        Assert.Equal(Status.Away, watcher.StatusOf(User));
        Assert.True(watcher.VersionOf(User) > frozen.Version);
    }

    [Fact]
    public void It_holds_for_a_user_nobody_has_seen_before()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection observer = world.Connect(User, status: Status.Offline);
        observer.SetStatus(1, Status.Invisible);
        observer.Goodbye();
        world.Connect(User, device: 2);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.False(watcher.Of(User).HasLastActiveMs);
    }

    [Fact]
    public void Only_the_users_own_sessions_see_it()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        device.Watch(1, [User]);
        FakeConnection[] strangers = [.. Enumerable.Range(10, 5).Select(id => world.Watcher((ulong)id, User))];
        device.SetStatus(2, Status.Invisible);
        Assert.Equal(Status.Invisible, device.StatusOf(User));
        Assert.All(strangers, stranger => Assert.Equal(Status.Offline, stranger.StatusOf(User)));
        device.Query(3, User);
        Assert.Equal(Status.Invisible, Assert.Single(device.AnswerTo(3)!).Status);
        strangers[0].Query(3, User);
        Assert.Equal(Status.Offline, Assert.Single(strangers[0].AnswerTo(3)!).Status);
    }

    [Fact]
    public void True_times_are_kept_and_told_only_after_it_has_ended()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Invisible);
        long hidden = world.WallMs;
        world.Advance(10_000);
        device.Goodbye();
        long left = world.WallMs;
        Assert.Equal((hidden, left), (world.Store[User].LastActiveMs, world.Store[User].TrueLastActiveMs));
        world.Advance(10_000);
        FakeConnection back = world.Connect(User, status: Status.Offline);
        Assert.Equal((ulong)hidden, watcher.Of(User).LastActiveMs);
        back.SetStatus(2, Status.Offline);
        Assert.Equal((ulong)hidden, watcher.Of(User).LastActiveMs);
        back.SetStatus(3, Status.Online);
        world.Advance(1_000);
        back.SetStatus(4, Status.Offline);
        Assert.Equal((ulong)world.WallMs, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void A_device_that_leaves_from_sight_does_not_end_it()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        FakeConnection other = world.Connect(User, device: 2, status: Status.Busy);
        device.SetStatus(1, Status.Invisible);
        PresenceEntry frozen = watcher.Of(User).Clone();
        other.SetStatus(1, Status.Offline);
        Assert.True(other.IsAcked(1));
        Assert.Equal(frozen, watcher.Of(User));
        Assert.Equal(Status.Invisible, world.AskSelf(User).Status);
    }

    [Fact]
    public void A_stream_that_comes_back_as_it_was_does_not_end_it()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection phone = world.Connect(User);
        Stream(world, Status.Online).Lose();
        phone.SetStatus(1, Status.Invisible);
        FakeConnection back = Stream(world, Status.Online);
        Assert.True(back.Welcome!.Value.Resumed);
        Assert.True(back.IsAcked(1));
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Theory]
    [InlineData(Status.Online, Status.Away, 2)]
    [InlineData(Status.Online, Status.Online, 3)]
    [InlineData(Status.Invisible, Status.Online, 2)]
    public void A_stream_that_is_new_or_says_something_else_is_a_choice(Status before, Status now, ulong device)
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection phone = world.Connect(User, status: Status.Offline);
        Stream(world, before).Lose();
        phone.SetStatus(1, Status.Invisible);
        Stream(world, now, device);
        Assert.NotEqual(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void A_store_that_cannot_answer_does_not_make_the_invisible_visible()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Invisible);
        device.Goodbye();
        world.Store.Fails = true;
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection back = world.Connect(User);
        world.Advance(2_000);
        Assert.NotNull(back.Welcome);
        Assert.NotEqual(Status.Online, watcher.StatusOf(User));
        world.Store.Fails = false;
        world.Advance(2_000);
        watcher.Watch(5, [User], 0);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        back.SetStatus(2, Status.Online);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
    }

    private static FakeConnection Stream(World world, Status status, ulong device = 2)
    {
        bool hidden = status == Status.Invisible;
        FakeConnection stream = world.Connect(
            User, device, hidden ? Status.Unspecified : status, http: true, hidden: hidden);
        stream.Say(new SetStatusRequest(stream, 1, status, text: null) { IsOfHello = true });
        return stream;
    }

    private static byte[] Entry(int shards, Action<FakeConnection> leave)
    {
        using var world = new World(shards);
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User);
        device.SetStatus(9, Status.Busy, "a text");
        world.Advance(2_345);
        leave(device);
        return watcher.Updates.Last().ToByteArray();
    }
}
