using Presence.V1;

namespace Presence.Engine.Tests;

public sealed class TokenTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Fact]
    public void A_token_is_warned_of_once_a_minute_before_its_end()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User, tokenForMs: 90_000);
        Beat(world, device, 29_900);
        Assert.Empty(Warnings(device));
        Beat(world, device, 200);
        Assert.InRange(Assert.Single(Warnings(device)), 59_800u, 60_000u);
        Beat(world, device, 50_000);
        Assert.Single(Warnings(device));
    }

    [Fact]
    public void An_expired_token_closes_and_holds_and_a_new_session_within_the_hold_is_no_transition()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, tokenForMs: 90_000);
        ulong version = watcher.VersionOf(User);
        Beat(world, device, 89_900, watcher);
        Assert.Null(device.ClosedWith);
        Beat(world, device, 200, watcher);
        Assert.Equal(CloseCode.TokenExpired, device.GoAway);
        world.Advance(5_000);
        device.Lose();
        world.Advance(9_000);
        Assert.True(world.Connect(User).Welcome!.Value.Resumed);
        Assert.Equal(version, watcher.VersionOf(User));
    }

    [Fact]
    public void Whoever_does_not_come_back_after_the_token_is_gone_after_the_hold()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, tokenForMs: 10_000);
        Beat(world, device, 10_100, watcher);
        Assert.Equal(CloseCode.TokenExpired, device.GoAway);
        world.Advance(world.Options.HoldMs - 200);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        world.Advance(300);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void A_refreshed_token_is_acked_and_lives_on()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User, tokenForMs: 70_000);
        Beat(world, device, 20_000);
        device.Say(new TokenRefreshed(device, 7, world.WallMs + 100_000));
        Assert.True(device.IsAcked(7));
        Beat(world, device, 60_000);
        Assert.Null(device.ClosedWith);
        Assert.Equal(2, Warnings(device).Count);
        Beat(world, device, 41_000);
        Assert.Equal(CloseCode.TokenExpired, device.GoAway);
    }

    private static void Beat(World world, FakeConnection device, long ms, params FakeConnection[] others)
    {
        for (long left = ms; left > 0; left -= 10_000)
        {
            world.Advance(Math.Min(left, 10_000));
            Array.ForEach([device, .. others], connection => connection.Beat());
        }
    }

    private static List<uint> Warnings(FakeConnection device) =>
        [.. device.Frames.Where(frame => frame.TokenExpiring is not null).Select(frame => frame.TokenExpiring.InMs)];
}
