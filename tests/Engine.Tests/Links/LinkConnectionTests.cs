using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>The connection of a link is written to by one shard and is used as a session's is, without a device.</summary>
public sealed class LinkConnectionTests
{
    private readonly World _world = new(2);

    [Fact]
    public void It_is_welcomed_asks_and_is_acked()
    {
        FakeLink link = FakeLink.Live(_world);
        FakeConnection connection = link.Attach();
        Assert.NotNull(connection.Welcome);
        link.Up(1, 2, 3);
        connection.Query(5, 1, 2, 3, 4);
        Assert.Equal([Status.Online, Status.Online, Status.Online, Status.Offline], connection.AnswerTo(5)!.Select(entry => entry.Status));
        connection.Say(new LinkAck(connection, 42));
        Assert.Equal(42UL, Assert.Single(connection.Frames, frame => frame.SessionsAck is not null).SessionsAck.Seq);
        connection.Say(new RequestFault(connection, new Error { Code = ErrorCode.Limit, Which = "link_ids" }));
        Assert.Equal("link_ids", Assert.Single(connection.Errors).Which);
    }

    [Fact]
    public void What_it_asks_before_it_is_attached_is_answered()
    {
        FakeLink link = FakeLink.Live(_world);
        _world.IsPaused = true;
        FakeConnection connection = link.Attach();
        connection.Query(5, 1);
        connection.Read(new WatchAllRequest(connection, 6));
        _world.IsPaused = false;
        _world.Settle();
        Assert.NotNull(connection.AnswerTo(5));
        Assert.True(connection.IsAcked(6));
    }

    [Fact]
    public void The_newest_connection_of_a_gateway_replaces_the_older()
    {
        FakeLink link = FakeLink.Live(_world);
        FakeConnection older = link.Attach();
        older.Read(new WatchAllRequest(older, 6));
        link.Up(1);
        FakeConnection newer = link.Attach();
        Assert.Equal(CloseCode.Replaced, older.ClosedWith);
        newer.Read(new WatchAllRequest(newer, 6));
        older.Lose();
        link.Up(2);
        Assert.Equal(Status.Online, newer.StatusOf(2));
        Assert.Equal(2, link.Users);
    }

    [Fact]
    public void A_fault_or_a_goodbye_closes_it_and_its_last_word_releases_it()
    {
        FakeLink link = FakeLink.Live(_world);
        FakeConnection faulty = link.Attach();
        faulty.Say(new ConnectionFault(faulty, new Error { Code = ErrorCode.Malformed }, CloseCode.Malformed));
        Assert.Equal(CloseCode.Malformed, faulty.ClosedWith);
        faulty.Query(5, 1);
        Assert.Null(faulty.AnswerTo(5));
        faulty.Lose();
        FakeConnection leaving = link.Attach();
        leaving.Goodbye();
        Assert.Equal(CloseCode.Unspecified, leaving.ClosedWith);
        leaving.Lose();
        Assert.Equal(0, _world.Shards.Sum(shard => shard.Connections.Count));
    }

    [Fact]
    public void Pending_questions_have_a_limit_of_their_own()
    {
        FakeLink link = FakeLink.Live(_world);
        FakeConnection connection = link.Attach();
        _world.Store.AnswersAtOnce = false;
        for (ulong request = 1; request <= (ulong)_world.Options.MaxLinkPendingRequests + 1; request++)
        {
            connection.Query(request, 1_000 + request);
        }

        Assert.Equal("pending_requests", Assert.Single(connection.Errors).Which);
    }

    [Fact]
    public void An_operator_sees_the_link_and_the_devices_on_it()
    {
        FakeLink link = FakeLink.Live(_world, gateway: 3);
        FakeConnection connection = link.Attach();
        connection.Read(new WatchAllRequest(connection, 6));
        link.Up(1, 2);
        link.Beat(1, 2);
        link.Down(2, 9);
        LinkReport[] reports = [.. link.Reports];
        Assert.Equal((1, 1), (reports.Sum(report => report.Users), reports.Sum(report => report.Named)));
        Assert.Equal((2L, 2L), (reports.Sum(report => report.Beats), reports.Sum(report => report.Ups)));
        Assert.Equal((1L, 1L), (reports.Sum(report => report.Downs), reports.Sum(report => report.PassedOver)));
        Assert.True(Assert.Single(reports, report => report.Connection is not null).Connection!.WatchesAll);
        UserReport? user = null;
        Assert.True(_world.ShardOf(1).Inbox.TryPostRead(new UserInspection(1, report => user = report, () => { })));
        _world.Settle();
        DeviceReport device = Assert.Single(user!.Devices);
        Assert.Equal((3, LinkState.Live, DeviceState.Live), (device.Gateway, device.Link, device.State));
        Assert.Equal(1L, _world.Shards.Sum(shard => shard.Counters.LinkSessions[3]));
        Assert.Equal(2L, _world.Shards.Sum(shard => shard.Counters.LinkBeats));
    }
}
