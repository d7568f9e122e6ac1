using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Whose token is revoked is gone at once, on whatever it came, and nobody else is (P4).</summary>
public sealed class RevocationTests
{
    private const ulong User = 1;
    private const ulong Friend = 2;
    private const ulong Watcher = 3;

    private static readonly TokenMark s_old = new(IdKey: 11, IssuedAt: 1_000);
    private static readonly TokenMark s_new = new(IdKey: 13, IssuedAt: 2_000);

    [Fact]
    public void A_user_who_is_banned_is_gone_at_once_and_told_not_to_come_back()
    {
        using var world = new World(shards: 2);
        FakeConnection watcher = world.Watcher(Watcher, User, Friend);
        FakeConnection device = world.Connect(User, token: s_old), other = world.Connect(User, device: 2, token: s_new), friend = world.Connect(Friend, token: s_old);
        world.Advance(700);
        device.Heard();
        other.Heard();
        long seenMs = world.WallMs;
        world.Advance(300);
        world.Revoke(Ban(User), onlyUser: User);
        Assert.Equal((CloseCode.Revoked, CloseCode.Revoked), (device.GoAway, other.GoAway));
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)seenMs, watcher.Of(User).LastActiveMs);
        Assert.Equal(Status.Online, watcher.StatusOf(Friend));
        Assert.Null(friend.GoAway);
        Assert.Equal(1, world.ShardOf(User).Counters.Transitions[(int)TransitionCause.Revoked]);
        Assert.Equal(CloseCode.Revoked, world.Connect(User, token: s_new).GoAway);
    }

    [Fact]
    public void Tokens_of_before_end_and_those_of_after_stay()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User, Friend);
        FakeConnection older = world.Connect(User, token: s_old), newer = world.Connect(User, device: 2, token: s_new), friend = world.Connect(Friend, token: s_old);
        world.Revoke(Before(User, 1_500_000), onlyUser: User);
        Assert.Equal(CloseCode.Revoked, older.GoAway);
        Assert.Null(newer.GoAway);
        Assert.Null(friend.GoAway);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.Null(world.Connect(User, token: s_new).GoAway);
        Assert.Equal(CloseCode.Revoked, world.Connect(User, token: s_old).GoAway);
    }

    [Fact]
    public void A_token_of_the_second_of_the_revocation_counts_as_before_it_and_one_without_a_time_too()
    {
        RevokedTokens revoked = Before(User, 2_000_001);
        Assert.True(revoked.Concerns(User, s_new));
        Assert.True(revoked.Concerns(User, default));
        Assert.False(revoked.Concerns(User, new(0, 2_001)));
        Assert.False(Before(User, 2_000_000).Concerns(User, s_new));
    }

    [Fact]
    public void One_token_ends_on_every_shard_and_in_every_state()
    {
        using var world = new World(shards: 4);
        ulong[] users = [.. Enumerable.Range(10, 60).Select(static id => (ulong)id)];
        FakeConnection watcher = world.Watcher(Watcher, users);
        FakeConnection[] devices = [.. users.Select(user => world.Connect(user, token: user % 2 == 0 ? s_old : s_new))];
        foreach (FakeConnection held in devices.Where(static device => device.User % 3 == 0))
        {
            held.Lose();
        }

        world.Revoke(new RevokedTokens(0, new Dictionary<ulong, long>(), new HashSet<ulong> { s_old.IdKey }));
        Assert.All(users, user => Assert.Equal(user % 2 == 0 ? Status.Offline : Status.Online, watcher.StatusOf(user)));
        Assert.All(devices.Where(static device => device.User % 3 != 0), device => Assert.Equal(device.User % 2 == 0 ? CloseCode.Revoked : null, device.GoAway));
    }

    [Fact]
    public void More_than_a_turn_can_end_are_ended_in_several()
    {
        using var world = new World();
        FakeConnection[] devices = [.. Enumerable.Range(10, 1_000).Select(id => world.Connect((ulong)id, token: s_old))];
        foreach (FakeConnection held in devices.Take(500))
        {
            held.Lose();
        }

        world.IsPaused = true;
        world.Revoke(new RevokedTokens(1_500_000, new Dictionary<ulong, long>(), new HashSet<ulong>()));
        Assert.True(world.Turn());
        Assert.InRange(world.Shards[0].Users.Count, 500, 999);
        // Who is lost between two turns is among the held, who are looked at last.
        foreach (FakeConnection lost in devices.Skip(500).Where(static device => device.GoAway is null))
        {
            Assert.True(world.Shards[0].Inbox.TryPostLost(lost));
        }

        world.Settle();
        Assert.Equal(0, world.Shards[0].Users.Count);
        Assert.Equal(0, world.Shards[0].Revocations.Held.Count);
    }

    [Fact]
    public void A_hold_ends_at_once_with_the_time_of_its_last_frame()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, token: s_old);
        device.Heard();
        long seenMs = world.WallMs;
        device.Lose();
        world.Advance(2_000);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        world.Revoke(Before(User, 1_500_000), onlyUser: User);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal((ulong)seenMs, watcher.Of(User).LastActiveMs);
    }

    [Fact]
    public void A_hold_of_another_token_goes_on()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        world.Connect(User, token: s_new).Lose();
        world.Revoke(Before(User, 1_500_000), onlyUser: User);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        Assert.True(world.Connect(User, token: s_new).Welcome!.Value.Resumed);
        Assert.Equal(0, world.ShardOf(User).Revocations.Held.Count);
    }

    [Fact]
    public void A_lease_ends_with_its_token_and_an_operators_does_not()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User, Friend);
        world.Lease(User, Status.Busy, token: s_old);
        world.Lease(Friend, Status.Busy);
        world.Revoke(Ban(User, Friend));
        Assert.Equal((Status.Offline, Status.Busy), (watcher.StatusOf(User), watcher.StatusOf(Friend)));
        Assert.True(world.Lease(User, Status.Busy, token: s_new).IsRevoked);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
    }

    [Fact]
    public void A_lease_ends_where_nobody_was_ever_connected()
    {
        using var world = new World();
        world.Lease(User, Status.Busy, token: s_old);
        world.Revoke(new RevokedTokens(1_500_000, new Dictionary<ulong, long>(), new HashSet<ulong>()));
        Assert.Equal(Status.Offline, world.Ask(User).Status);
        Assert.Equal(0, world.Shards[0].Users.Count);
    }

    [Fact]
    public void A_new_token_saves_a_session_from_the_end_of_its_old_one_and_a_revoked_one_ends_it()
    {
        using var world = new World();
        FakeConnection saved = world.Connect(User, token: s_old), lost = world.Connect(Friend, token: s_new);
        saved.Say(new TokenRefreshed(saved, 1, world.WallMs + 100_000, s_new));
        world.Revoke(new RevokedTokens(1_500_000, new Dictionary<ulong, long>(), new HashSet<ulong>()));
        lost.Say(new TokenRefreshed(lost, 1, world.WallMs + 100_000, s_old));
        Assert.Null(saved.GoAway);
        Assert.Equal(CloseCode.Revoked, lost.GoAway);
    }

    [Fact]
    public void Who_is_banned_while_it_recovers_is_gone_in_memory_or_not()
    {
        using var before = new World();
        before.Connect(User, token: s_old);
        before.Connect(Friend, token: s_old);
        using World world = before.Restart();
        FakeConnection watcher = world.Watcher(Watcher, User);
        Assert.Equal(Status.Online, watcher.StatusOf(User));
        world.Revoke(Ban(User, Friend), onlyUser: User);
        world.Revoke(Ban(User, Friend), onlyUser: Friend);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.Equal(Status.Offline, world.Ask(Friend).Status);
    }

    [Fact]
    public void An_invisible_user_is_not_seen_to_be_revoked()
    {
        using var world = new World();
        FakeConnection watcher = world.Watcher(Watcher, User);
        FakeConnection device = world.Connect(User, token: s_old);
        device.SetStatus(1, Status.Invisible);
        PresenceEntry shown = watcher.Of(User);
        int frames = watcher.Frames.Count;
        world.Advance(1_000);
        world.Revoke(Ban(User), onlyUser: User);
        Assert.Equal(CloseCode.Revoked, device.GoAway);
        Assert.Equal((shown, frames), (watcher.Of(User), watcher.Frames.Count));
    }

    [Fact]
    public void What_is_lifted_is_believed_again()
    {
        using var world = new World();
        world.Revoke(Ban(User), onlyUser: User);
        Assert.Equal(CloseCode.Revoked, world.Connect(User, token: s_old).GoAway);
        world.Revoke(RevokedTokens.None);
        Assert.NotNull(world.Connect(User, token: s_old).Welcome);
    }

    private static RevokedTokens Ban(params ulong[] users) => new(0, users.ToDictionary(static user => user, static _ => RevokedTokens.Banned), new HashSet<ulong>());

    private static RevokedTokens Before(ulong user, long ms) => new(0, new Dictionary<ulong, long> { [user] = ms }, new HashSet<ulong>());
}
