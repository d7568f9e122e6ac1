using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A shard that has as many users as it may have refuses new ones, whichever way they come, and serves who is up.</summary>
public sealed class UserLimitTests
{
    private const ulong New = 9;

    [Fact]
    public void New_users_are_told_to_come_back_and_who_is_up_is_served()
    {
        using World world = Full();
        var stranger = new FakeConnection(world, New);
        stranger.Say(new SessionUp(stranger, New, 1));
        Assert.Equal(CloseCode.Overloaded, stranger.ClosedWith);
        Error error = Assert.Single(stranger.Errors);
        Assert.Equal((ErrorCode.Overloaded, ShardOptions.Users, 3UL), (error.Code, error.Which, error.Allowed));
        Assert.InRange((long)error.ReconnectAfterMs, 1, world.Options.HeartbeatIntervalMs * 2);
        stranger.Lose();

        Assert.Null(world.Connect(1, device: 77).ClosedWith);
        Assert.Equal(0UL, world.Ask(New).Version);
    }

    [Fact]
    public void A_lease_is_refused_by_the_limit()
    {
        using World world = Full();
        var lease = new FakeLease(New, device: 5, Status.Online);
        Assert.True(world.Shards[0].Inbox.TryPostLiveness(lease));
        world.Settle();
        Assert.Equal(ShardOptions.Users, lease.RefusedBy);
        var known = new FakeLease(1, device: 5, Status.Busy);
        Assert.True(world.Shards[0].Inbox.TryPostLiveness(known));
        world.Settle();
        Assert.NotNull(known.Answer);
    }

    [Fact]
    public void On_a_link_those_users_alone_are_refused()
    {
        using World world = Full();
        FakeLink link = FakeLink.Live(world);
        link.Up(1, New, 2);
        Assert.Equal([(New, LinkRefusal.Users)], link.Refused);
        Assert.Equal(2, link.Users);
    }

    [Fact]
    public void Who_leaves_makes_room()
    {
        using World world = Full(out FakeConnection first);
        first.Goodbye();
        first.Lose();
        Assert.Null(world.Connect(New).ClosedWith);
        Assert.Equal(Status.Online, world.Ask(New).Status);
    }

    private static World Full() => Full(out _);

    private static World Full(out FakeConnection first)
    {
        var world = new World(1, new ShardOptions { MaxUsers = 3 });
        first = world.Connect(1);
        world.Connect(2);
        world.Connect(3);
        return world;
    }
}
