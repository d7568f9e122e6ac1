using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>A user hidden from a watcher is to it, in frames, limits and time, a user who was never seen.</summary>
public sealed class HiddenUsersTests
{
    private const ulong Watcher = 1;
    private const ulong Hidden = 7;
    private const ulong Never = 9;

    private static readonly ShardOptions s_hides = new() { HidesUsers = true };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Neither_snapshot_nor_query_nor_question_tells_one_from_the_other(int shards)
    {
        using var world = new World(shards, s_hides);
        FakeConnection user = world.Connect(Hidden), watcher = world.Connect(Watcher);
        user.SetStatus(1, Status.Busy, "here");
        // Whatever version the watcher holds, of a time when it might still see.
        foreach (ulong[] versions in new ulong[][] { [], [0, 0], [world.Ask(Hidden).Version, world.Ask(Hidden).Version], [ulong.MaxValue, ulong.MaxValue] })
        {
            Watch(watcher, (ulong)versions.Length + 1, versions);
            Same(watcher.AnswerTo((ulong)versions.Length + 1)!);
            watcher.Frames.Clear();
        }

        var query = new QueryRequest(watcher, 9, [Hidden, Never]);
        query.Hide(new HashSet<ulong> { Hidden });
        watcher.Read(query);
        Same(watcher.AnswerTo(9)!);
        var question = new FakeQuestion([Hidden, Never], Watcher);
        question.Hide(new HashSet<ulong> { Hidden });
        world.Post(Watcher, inbox => inbox.TryPostRead(question));
        Assert.Equal([Hidden, Never], question.States!.Select(static state => state.UserId));
        Assert.Equal(question.States![1] with { UserId = Hidden }, question.States[0]);
    }

    [Fact]
    public void What_becomes_of_it_is_told_to_others_only()
    {
        using var world = new World(options: s_hides);
        FakeConnection user = world.Connect(Hidden), watcher = world.Connect(Watcher), other = world.Watcher(2, Hidden);
        Watch(watcher, 1, []);
        int frames = watcher.Frames.Count;
        user.SetStatus(1, Status.Busy);
        user.Goodbye();
        Assert.Equal(Status.Offline, other.StatusOf(Hidden));
        Assert.Equal(frames, watcher.Frames.Count);
    }

    [Fact]
    public void It_counts_as_a_watch_and_ends_with_Unwatch()
    {
        using var world = new World(options: s_hides with { MaxWatches = 2 });
        FakeConnection watcher = world.Connect(Watcher);
        Watch(watcher, 1, []);
        watcher.Watch(2, [3]);
        Assert.Equal(LimitNames.Watches, Assert.Single(watcher.Errors).Which);
        watcher.Unwatch(3, Hidden);
        watcher.Watch(4, [3]);
        Assert.NotNull(watcher.AnswerTo(4));
        watcher.Lose();
        world.Advance(60_000);
        world.AssertEmpty();
    }

    [Fact]
    public void Who_may_be_seen_again_is_and_the_reverse()
    {
        using var world = new World(options: s_hides);
        FakeConnection user = world.Connect(Hidden), watcher = world.Connect(Watcher);
        Watch(watcher, 1, []);
        watcher.Watch(2, [Hidden]);
        Assert.Equal(Status.Online, watcher.StatusOf(Hidden));
        Assert.Equal(2, watcher.Watches.Count);
        Watch(watcher, 3, []);
        Assert.Equal(2, watcher.Watches.Count);
        int frames = watcher.Frames.Count;
        user.SetStatus(1, Status.Busy);
        Assert.Equal(frames, watcher.Frames.Count);
    }

    [Fact]
    public void While_the_store_loads_both_are_unknown_and_afterwards_neither_was_seen()
    {
        var store = new FakeStore();
        store.Unload(Never, Alias.Of(Hidden));
        using var world = new World(options: s_hides, store: store);
        FakeConnection watcher = world.Connect(Watcher);
        Watch(watcher, 1, []);
        Same(watcher.AnswerTo(1)!);
        Assert.Equal(Status.Unknown, watcher.StatusOf(Hidden));
        store.Load(Never);
        store.Load(Alias.Of(Hidden));
        world.Advance(2_000);
        watcher.Heard();
        Assert.Equal(Status.Offline, watcher.StatusOf(Hidden));
        Same([watcher.Of(Hidden), watcher.Of(Never)]);
    }

    private static void Watch(FakeConnection watcher, ulong requestId, ulong[] versions)
    {
        var watch = new WatchRequest(watcher, requestId, [Hidden, Never], versions);
        watch.Hide(new HashSet<ulong> { Hidden });
        watcher.Read(watch);
    }

    private static void Same(List<PresenceEntry> entries)
    {
        Assert.Equal([Hidden, Never], entries.Select(static entry => entry.UserId).Order());
        PresenceEntry[] both = [.. entries.Select(static entry => entry.Clone())];
        Array.ForEach(both, static entry => entry.UserId = 0);
        Assert.Equal(both[0], both[1]);
    }
}
