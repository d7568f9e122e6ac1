using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Nobody expires while we were not there (P3).</summary>
public sealed class GapTests : IDisposable
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    private readonly World _world = new(2);
    private readonly FakeConnection _watcher;
    private readonly FakeConnection _device;
    private readonly ulong _version;

    public GapTests()
    {
        _watcher = _world.Watcher(Watcher, User);
        _device = _world.Connect(User);
        _version = _watcher.VersionOf(User);
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(2_000)]
    [InlineData(30_000)]
    [InlineData(300_000)]
    public void A_process_that_was_stopped_expires_nobody(long ms)
    {
        _world.Advance(10_000);
        _world.Skip(ms);
        AssertAliveUntilSilentFor(30_000);
    }

    [Fact]
    public void Silent_io_expires_nobody()
    {
        _world.Advance(10_000);
        _world.AdvanceWithoutIo(60_000);

        // Of the silence two seconds pass before it is noticed; one of them is given back.
        AssertAliveUntilSilentFor(29_000);
    }

    [Fact]
    public void A_held_session_is_held_through_a_gap()
    {
        _device.Lose();
        _world.Advance(5_000);
        _world.Skip(60_000);
        _world.Advance(9_900);
        Assert.True(_world.Connect(User).Welcome!.Value.Resumed);
        Assert.Equal(_version, _watcher.VersionOf(User));
    }

    [Fact]
    public void Stamps_that_io_made_while_the_loop_stood_still_do_not_prolong_a_life()
    {
        _world.Advance(1_000);
        _world.Skip(60_000);
        _device.Heard();
        _world.Advance(100);
        _watcher.Heard();
        _world.Advance(39_800);
        Assert.Equal(_version, _watcher.VersionOf(User));
        _watcher.Heard();
        _world.Advance(300);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_reader_that_we_paused_does_not_expire_and_starts_anew_when_it_reads_again()
    {
        _device.ReaderPaused = true;
        for (int i = 0; i < 10; i++)
        {
            _world.Advance(20_000);
            _watcher.Beat();
        }

        Assert.Equal(_version, _watcher.VersionOf(User));
        _device.Heard();
        _device.ReaderPaused = false;
        _world.Advance(39_900);
        _watcher.Beat();
        Assert.Equal(_version, _watcher.VersionOf(User));
        _world.Advance(300);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    [Fact]
    public void A_storm_of_pauses_expires_nobody_early_and_who_is_silent_at_last()
    {
        Storm(30_000);
        _device.Heard();
        Storm(39_600);
        Assert.Equal(_version, _watcher.VersionOf(User));
        Storm(20_000);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }

    // So much engine time, in steps between pauses: more of these than the clock tells apart.
    private void Storm(long ms)
    {
        for (long left = ms; left > 0; left -= 400)
        {
            _world.Skip(1_500);
            _world.CanaryMs = _world.MonoMs;
            _world.Settle();
            _watcher.Beat();
            _world.Advance(400);
        }
    }

    private void AssertAliveUntilSilentFor(long ms)
    {
        _world.CanaryMs = _world.MonoMs;
        _world.Settle();
        _watcher.Heard();
        _world.Advance(ms - 100);
        Assert.Equal(_version, _watcher.VersionOf(User));
        _world.Advance(300);
        Assert.Equal(Status.Offline, _watcher.StatusOf(User));
    }
}
