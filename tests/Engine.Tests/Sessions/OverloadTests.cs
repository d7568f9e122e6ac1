using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What is left undone under load, in its order; and that a transition never is.</summary>
public sealed class OverloadTests
{
    private const ulong User = 1;
    private const ulong Watcher = 2;

    [Theory]
    [InlineData(OverloadStep.Heartbeats, false)]
    [InlineData(OverloadStep.Texts, true)]
    [InlineData(OverloadStep.NewSessions, true)]
    public void A_text_alone_is_refused_from_its_step_on(OverloadStep step, bool isRefused)
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = (world.Connect(User), world.Watcher(Watcher, User));
        Enter(world, step);
        device.SetStatus(1, Status.Online, "lunch");
        Assert.Equal(isRefused ? "" : "lunch", watcher.Of(User).StatusText);
        Assert.Equal(!isRefused, device.IsAcked(1));
        Assert.Equal(isRefused ? [(ErrorCode.Overloaded, "status_text", 1UL, 500u)] : [], Said(device));
        Assert.Equal(isRefused ? 1 : 0, world.ShardOf(User).Counters.Sheds.Of(ShedClass.Texts));
        Enter(world, OverloadStep.None);
        device.SetStatus(2, Status.Online, "back");
        Assert.Equal("back", watcher.Of(User).StatusText);
    }

    [Theory]
    [InlineData(Status.Away, "lunch")]
    [InlineData(Status.Busy, null)]
    [InlineData(Status.Invisible, null)]
    public void A_status_is_told_with_its_text_in_every_step(Status status, string? text)
    {
        using var world = new World();
        (FakeConnection device, FakeConnection watcher) = (world.Connect(User), world.Watcher(Watcher, User));
        Enter(world, OverloadStep.NewSessions);
        device.SetStatus(1, status, text);
        Assert.True(device.IsAcked(1));
        Assert.Equal((status == Status.Invisible ? Status.Offline : status, text ?? ""), (watcher.StatusOf(User), watcher.Of(User).StatusText));
    }

    [Fact]
    public void Who_repeats_what_it_says_is_answered()
    {
        using var world = new World();
        FakeConnection device = world.Connect(User);
        device.SetStatus(1, Status.Online, "lunch");
        Enter(world, OverloadStep.Texts);
        device.SetStatus(2, Status.Online, "lunch");
        Assert.True(device.IsAcked(2));
    }

    [Theory]
    [InlineData(OverloadStep.Texts, false)]
    [InlineData(OverloadStep.Reads, true)]
    public void A_question_is_refused_from_its_step_on_and_a_watch_never(OverloadStep step, bool isRefused)
    {
        using var world = new World();
        world.Connect(User);
        FakeConnection asker = world.Connect(Watcher);
        Enter(world, step);
        asker.Query(1, User);
        Assert.Equal(isRefused ? [(ErrorCode.Overloaded, "reads", 1UL, 500u)] : [], Said(asker));
        asker.Watch(2, [User]);
        Assert.Equal(Status.Online, asker.StatusOf(User));
    }

    private static IEnumerable<(ErrorCode Code, string Which, ulong RequestId, uint RetryAfterMs)> Said(FakeConnection connection) =>
        connection.Errors.Select(static error => (error.Code, error.Which, error.RequestId, error.ReconnectAfterMs));

    private static void Enter(World world, OverloadStep step) =>
        Array.ForEach(world.Shards, shard =>
        {
            Assert.True(shard.Inbox.TryPostLiveness(new OverloadChanged(step, 500)));
            world.Settle();
        });
}
