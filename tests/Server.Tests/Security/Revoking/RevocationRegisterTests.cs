using Microsoft.Extensions.Time.Testing;
using Presence.Engine;
using Presence.Server.Security;
using Presence.Server.Security.Revoking;
using Presence.Server.Tests.Storage;
using Xunit;

namespace Presence.Server.Tests.Security.Revoking;

public sealed class RevocationRegisterTests : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Jwt.Now);
    private readonly List<(RevokedTokens Revoked, ulong? OnlyUser)> _told = [];

    private string File => Path.Combine(_directory.Path, OwnRevocations.FileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_revoked_is_on_the_disk_in_force_and_told_in_that_order()
    {
        RevocationRegister register = await OpenAsync();
        Assert.True(await register.RevokeAsync(new() { UserId = 7, RevokedAt = Jwt.Now }));
        Assert.True(register.Concerns(7, default));
        Assert.False(register.Concerns(8, new TokenMark(0, 1)));
        Assert.Equal(7UL, _told[^1].OnlyUser);
        Assert.True(_told[^1].Revoked.Bans(7));
        Assert.True((await OpenAsync()).Concerns(7, default));
    }

    [Fact]
    public async Task A_change_that_the_disk_does_not_take_is_none()
    {
        RevocationRegister register = await OpenAsync();
        // In the place of the file that is to be renamed.
        Directory.CreateDirectory(Path.Combine(File, "in the way"));
        await Assert.ThrowsAnyAsync<IOException>(() => register.RevokeAsync(new() { UserId = 7 }));
        Assert.False(register.Concerns(7, default));
        Assert.Empty(register.Own);
    }

    [Fact]
    public async Task What_concerns_no_valid_token_any_more_is_forgotten_by_itself()
    {
        RevocationRegister register = await OpenAsync();
        await register.RevokeAsync(new() { TokenId = "a", RevokedAt = Jwt.Now });
        await register.RevokeAsync(new() { UserId = 7, RevokedAt = Jwt.Now });
        TokenMark mark = register.MarkOf("a"u8, 0);
        _time.Advance(s_longest - TimeSpan.FromSeconds(1));
        await register.DropOverAsync();
        Assert.True(register.Concerns(1, mark));
        _time.Advance(TimeSpan.FromSeconds(1));
        await register.DropOverAsync();
        Assert.False(register.Concerns(1, mark));
        Assert.Equal(["user/7"], register.Own.Select(static one => one.Key));
        Assert.False(_told[^1].Revoked.Concerns(1, mark));
    }

    [Fact]
    public async Task The_list_and_what_was_made_here_hold_together_and_the_later_time_wins()
    {
        RevocationRegister register = await OpenAsync();
        await register.RevokeAsync(new() { UserId = 7, IssuedBefore = Jwt.Now });
        await register.ListAsync([new() { UserId = 7, IssuedBefore = Jwt.Now.AddMinutes(-5) }, new() { TokenId = "b" }]);
        Assert.True(register.Concerns(7, new TokenMark(0, Jwt.Now.ToUnixTimeSeconds() - 1)));
        Assert.True(register.Concerns(9, register.MarkOf("b"u8, Jwt.Now.ToUnixTimeSeconds())));
        await register.ListAsync([]);
        Assert.False(register.Concerns(9, register.MarkOf("b"u8, Jwt.Now.ToUnixTimeSeconds())));
        Assert.True(register.Concerns(7, default));
        Assert.True(await register.LiftAsync("issued-before/7"));
        Assert.False(await register.LiftAsync("issued-before/7"));
        Assert.False(register.Concerns(7, default));
    }

    [Fact]
    public async Task Who_asks_to_be_told_is_told_once_it_is_concerned_and_not_after()
    {
        RevocationRegister register = await OpenAsync();
        var token = new TokenIdentity(7, [], Jwt.Now.AddHours(1), Jwt.Now, null) { Mark = register.MarkOf([], Jwt.Now.ToUnixTimeSeconds()) };
        int told = 0;
        IDisposable watch = register.WhenConcerned(token, () => told++);
        await register.RevokeAsync(new() { UserId = 8 });
        Assert.Equal(0, told);
        await register.RevokeAsync(new() { UserId = 7 });
        Assert.Equal(1, told);
        watch.Dispose();
        await register.RevokeAsync(new() { UserId = 9 });
        Assert.Equal(1, told);
        using IDisposable late = register.WhenConcerned(token, () => told++);
        Assert.Equal(2, told);
    }

    [Fact]
    public void A_file_that_is_not_what_was_written_is_no_empty_one()
    {
        System.IO.File.WriteAllText(File, "{\"revocations\": [{\"user_id\": \"7\"}");
        Assert.Contains(File, Assert.Throws<KeyFormatException>(() => OwnRevocations.Open(File, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_ahead_forgets_nothing()
    {
        var time = new SetWallClock(Jwt.Now);
        var register = new RevocationRegister(OwnRevocations.Open(File, most: 10), s_longest, time);
        await register.RevokeAsync(new() { TokenId = "a", RevokedAt = Jwt.Now });
        time.AheadBy = TimeSpan.FromDays(365);
        await register.DropOverAsync();
        Assert.Single(register.Own);
    }

    [Fact]
    public void Of_a_key_that_somebody_wrote_twice_the_last_counts()
    {
        System.IO.File.WriteAllText(
            File, "{\"revocations\": [{\"user_id\": \"7\", \"issued_before\": \"2026-01-01T00:00:00Z\"}, {\"user_id\": \"7\", \"issued_before\": \"2026-02-01T00:00:00Z\"}]}");
        Assert.Equal(2, OwnRevocations.Open(File, 10).All.Single().IssuedBefore!.Value.Month);
    }

    private async Task<RevocationRegister> OpenAsync()
    {
        var register = new RevocationRegister(OwnRevocations.Open(File, most: 10), s_longest, _time);
        await register.EnforceAsync((revoked, onlyUser) =>
        {
            _told.Add((revoked, onlyUser));
            return Task.CompletedTask;
        });
        return register;
    }
}
