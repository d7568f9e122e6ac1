using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>Who comes to be invisible is never seen to come, however its session and its status reach the shard.</summary>
public sealed class ComingHiddenTests : IDisposable
{
    private const ulong User = 1;
    private const ulong Watcher = 2;
    private const ulong Stream = 7;

    private readonly World _world = new(2);

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("never seen")]
    [InlineData("seen before")]
    [InlineData("observer")]
    [InlineData("offline device")]
    public void Nothing_is_seen_of_who_is_not_visible(string before)
    {
        Prepare(before);
        FakeConnection watcher = _world.Watcher(Watcher, User);
        PresenceState shown = _world.Ask(User);
        _world.Connect(User, Stream, http: true, hidden: true);
        _world.Advance(2_000);
        Assert.Empty(watcher.Updates);
        Assert.Equal(shown, _world.Ask(User));
        Assert.Equal(Status.Invisible, _world.AskSelf(User).Status);
    }

    [Fact]
    public void Nothing_is_seen_while_the_store_is_slow()
    {
        Prepare("seen before");
        FakeConnection watcher = _world.Watcher(Watcher, User);
        _world.Store.AnswersAtOnce = false;
        FakeConnection stream = _world.Connect(User, Stream, http: true, hidden: true);
        _world.Advance(2_000);
        _world.Store.AnswerAll();
        _world.Advance(2_000);
        stream.SetStatus(1, Status.Invisible);
        Assert.Empty(watcher.Updates);
    }

    [Fact]
    public void However_much_was_asked_before_the_last_word_is_to_hide()
    {
        Prepare("seen before");
        FakeConnection watcher = _world.Watcher(Watcher, User);
        _world.Store.AnswersAtOnce = false;
        FakeConnection device = _world.Connect(User);
        for (ulong request = 1; request <= StatusThrottle.MaxWaiting + 1; request++)
        {
            device.SetStatus(request, Status.Busy);
        }

        Assert.Equal(LimitNames.StatusChanges, Assert.Single(device.Errors).Which);
        _world.Connect(User, Stream, http: true, hidden: true);
        _world.Store.AnswerAll();
        _world.Advance(20_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(User));
        Assert.True(device.IsAcked(StatusThrottle.MaxWaiting));
    }

    [Fact]
    public void What_is_asked_after_it_ends_it()
    {
        Prepare("seen before");
        FakeConnection watcher = _world.Watcher(Watcher, User);
        _world.Store.AnswersAtOnce = false;
        FakeConnection stream = _world.Connect(User, Stream, http: true, hidden: true);
        stream.SetStatus(1, Status.Away);
        _world.Store.AnswerAll();
        _world.Settle();
        Assert.Equal(Status.Away, watcher.StatusOf(User));
    }

    [Fact]
    public void Who_is_visible_goes_at_once_and_is_told_that_this_was_seen()
    {
        FakeConnection watcher = _world.Watcher(Watcher, User);
        FakeConnection device = _world.Connect(User);
        device.Watch(1, [User]);
        _world.Advance(1_000);
        FakeConnection first = _world.Connect(User, Stream, http: true, hidden: true);
        Assert.Equal((Status.Offline, (ulong)_world.WallMs), (watcher.StatusOf(User), watcher.Of(User).LastActiveMs));
        Assert.Equal(Status.Invisible, device.StatusOf(User));
        int updates = watcher.Updates.Count();
        first.Lose();
        FakeConnection second = _world.Connect(User, Stream, http: true, hidden: true);
        Assert.True(second.Welcome!.Value.Resumed);
        device.Goodbye();
        FakeConnection third = _world.Connect(User, device: 8, http: true, hidden: true);
        Assert.False(third.Welcome!.Value.Resumed);
        Assert.Equal(updates, watcher.Updates.Count());
    }

    [Fact]
    public void It_is_kept_for_the_next_process()
    {
        _world.Connect(User, Stream, http: true, hidden: true);
        using World after = _world.Restart();
        after.Connect(User);
        Assert.Equal(PresenceState.NeverSeen(User), after.Ask(User));
        Assert.Equal(Status.Invisible, after.AskSelf(User).Status);
    }

    private void Prepare(string before)
    {
        switch (before)
        {
            case "seen before":
                _world.Connect(User).Goodbye();
                break;
            case "observer":
                _world.Connect(User).Goodbye();
                _world.Connect(User, status: Status.Offline);
                break;
            case "offline device":
                _world.Connect(User, Stream, http: true).SetStatus(1, Status.Offline);
                break;
        }

        _world.Advance(1_000);
    }
}
