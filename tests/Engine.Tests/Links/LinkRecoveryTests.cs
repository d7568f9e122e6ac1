using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>After a restart of the server a gateway names its set again, and nobody on it is seen to leave (P3).</summary>
public sealed class LinkRecoveryTests
{
    private static readonly ulong[] _users = [1, 2, 3, 4];

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Naming_takes_the_place_of_what_was_without_a_transition(bool isAsked, bool byBeat)
    {
        using World world = Killed(out ulong[] versions);
        if (isAsked)
        {
            world.AskAll(_users);
        }

        var link = new FakeLink(world);
        link.Begin();
        if (byBeat)
        {
            link.Beat(_users);
        }
        else
        {
            link.Up(Status.Busy, DeviceKinds.Web, _users);
        }

        link.Complete();
        Assert.Equal(versions, world.AskAll(_users).Select(state => state.Version));
        Assert.Equal((Status.Busy, DeviceKinds.Web), (world.Ask(1).Status, world.Ask(1).Kinds));
        Assert.Equal(_users.Length, world.Shards.Sum(shard => shard.Users.Slots));
    }

    [Fact]
    public void A_set_that_is_named_for_longer_than_users_recover_leaves_nobody_out()
    {
        using World world = Killed(out ulong[] versions);
        var link = new FakeLink(world);
        link.Begin();
        world.AskAll(1, 2);
        for (int i = 0; i < 20; i++)
        {
            world.Advance(10_000);
            Assert.All(world.AskAll(_users), state => Assert.Equal(Status.Busy, state.Status));
        }

        link.Beat(1, 3);
        link.Complete();
        world.Advance(1_100);
        PresenceState[] states = world.AskAll(_users);
        Assert.Equal([Status.Busy, Status.Offline, Status.Busy, Status.Offline], states.Select(state => state.Status));
        Assert.Equal((versions[0], versions[2]), (states[0].Version, states[2].Version));
    }

    [Fact]
    public void A_link_that_comes_after_the_time_to_recover_holds_nobody()
    {
        using World world = Killed(out _);
        world.Advance(world.Options.RecoverForMs);
        var link = new FakeLink(world);
        link.Begin();
        Assert.Equal(Status.Offline, world.Ask(1).Status);
        link.Beat(2);
        Assert.Equal(Status.Online, world.Ask(2).Status);
    }

    private static World Killed(out ulong[] versions)
    {
        using var before = new World(2);
        FakeLink.Live(before).Up(Status.Busy, DeviceKinds.Web, _users);
        versions = [.. before.AskAll(_users).Select(state => state.Version)];
        before.Advance(7_000);
        return before.Restart(afterMs: 3_000);
    }
}
