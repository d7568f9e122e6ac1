using CsCheck;
using Presence.Client.Session;
using Xunit;

namespace Presence.Client.Tests.Pure;

public sealed class ChangeFeedTests
{
    [Fact]
    public async Task A_slow_consumer_gets_the_latest_of_each_user_once()
    {
        await Gen.Select(Gen.ULong[1, 5], Gen.ULong[1, 1_000]).List[1, 50].SampleAsync(async posts =>
        {
            ChangeFeed feed = new();
            Dictionary<ulong, PresenceView> latest = [];
            foreach ((ulong userId, ulong version) in posts)
            {
                PresenceView view = View(userId, version);
                feed.Post(new PresenceChange(latest.GetValueOrDefault(userId), view));
                latest[userId] = view;
            }
            feed.Complete();
            List<PresenceChange> taken = await TakeAllAsync(feed);
            Assert.Equal(latest.Values.OrderBy(view => view.UserId), taken.Select(change => change.Current).OrderBy(view => view.UserId));
            // It never saw what was between.
            Assert.All(taken, change => Assert.Null(change.Previous));
        });
    }

    [Fact]
    public async Task A_consumer_that_waits_is_woken()
    {
        ChangeFeed feed = new();
        Task<PresenceChange?> take = feed.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(take.IsCompleted);
        feed.Post(new PresenceChange(null, View(1, 1)));
        Assert.Equal(1ul, (await take)!.UserId);
    }

    [Fact]
    public async Task What_is_forgotten_does_not_come()
    {
        ChangeFeed feed = new();
        feed.Post(new PresenceChange(null, View(1, 1)));
        feed.Post(new PresenceChange(null, View(2, 1)));
        feed.Forget(1);
        feed.Complete();
        Assert.Equal([2ul], (await TakeAllAsync(feed)).Select(change => change.UserId));
    }

    private static PresenceView View(ulong userId, ulong version) => new() { UserId = userId, Version = version };

    private static async Task<List<PresenceChange>> TakeAllAsync(ChangeFeed feed)
    {
        List<PresenceChange> taken = [];
        while (await feed.TakeAsync(TestContext.Current.CancellationToken) is { } change)
        {
            taken.Add(change);
        }
        return taken;
    }
}
