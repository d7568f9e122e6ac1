using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What a home makes of edges that name their sessions again and again, and say by that what was not heard.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly NodesWorld _nodes = new(1, 1);

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public void Of_registrations_that_come_all_at_once_nobody_is_held_who_is_in_the_last()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection connection = _nodes[1].Connect(user);
        FakeConnection watcher = _nodes[0].Watcher(999, user);
        _nodes.Settle();
        _nodes.Cut.Add((1, 0));
        for (ulong epoch = 2; epoch <= 8; epoch++)
        {
            var batch = new PeerBatch { IsComplete = true, Shards = 1, RingVersion = _nodes[0].Shards[0].Routing.Version };
            batch.Reports.Add(new SessionReport(ReportKind.Up, user, DeviceKey: 1, connection.Welcome!.Value.SessionId) { Status = Status.Online, LastSeenMs = _nodes[0].WallMs });
            _nodes[0].Shards[0].Inbox.PostAnswer(new BatchArrived(new(1, 0), new ChannelStamp(1, epoch, 0), batch, static taken => Assert.True(taken)));
        }

        _nodes.Settle();
        _nodes.Advance(_nodes[0].Options.HoldMs + 1_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
    }

    [Fact]
    public void A_device_that_is_named_as_offline_was_last_active_when_it_was_heard()
    {
        ulong user = _nodes.UserOf(home: 0);
        FakeConnection connection = _nodes[1].Connect(user);
        FakeConnection watcher = _nodes[0].Watcher(999, user);
        _nodes.Settle();
        _nodes.Cut.Add((1, 0));
        long saidMs = _nodes[1].WallMs;
        connection.SetStatus(1, Status.Offline);
        _nodes.Advance(1_000);
        Assert.Equal(Status.Online, watcher.StatusOf(user));
        _nodes.Cut.Clear();
        _nodes.Advance(2_000);
        Assert.Equal(Status.Offline, watcher.StatusOf(user));
        Assert.Equal((ulong)saidMs, watcher.Of(user).LastActiveMs);
    }
}
