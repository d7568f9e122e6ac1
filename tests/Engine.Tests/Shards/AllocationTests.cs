using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>What happens for every heartbeat, every re-visit of a deadline and every delivered update allocates nothing on the shard's thread.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Sessions = 500;
    private const ulong Flipper = 1;

    private readonly Shard _shard;
    private readonly QuietConnection[] _connections = [.. Enumerable.Range(0, Sessions).Select(_ => new QuietConnection())];
    private readonly SetStatusRequest _busy;
    private readonly SetStatusRequest _online;
    private long _mono = 1_000_000;

    public AllocationTests()
    {
        var setup = new ShardSetup(new ShardOptions { StatusChanges = 0 }, new Topology(0, 1, 64, 42), new QuietStore(), new QuietJournal(), Seed: 7);
        _shard = setup.Build([new QuietWake()], Now)[0];
        for (int i = 0; i < Sessions; i++)
        {
            Assert.True(_shard.Inbox.TryPostLiveness(new SessionUp(_connections[i], (ulong)i + 1, 1) { InitialStatus = Status.Online, TokenExpiresMs = long.MaxValue }));
            Assert.True(_shard.Inbox.TryPostRead(new WatchRequest(_connections[i], 1, [Flipper], [])));
        }

        Settle();
        _busy = new SetStatusRequest(_connections[0], 1, Status.Busy, text: null);
        _online = new SetStatusRequest(_connections[0], 2, Status.Online, text: null);
    }

    private TurnTime Now => new(_mono, 1_790_000_000_000 + _mono, _mono);

    public void Dispose() => _shard.Dispose();

    [Fact]
    public void Plain_heartbeats_and_their_lazy_deadlines()
    {
        long visited = _shard.Counters.DeadlinesVisited;
        AllocatesNothing(rounds: 3_000, () =>
        {
            foreach (QuietConnection connection in _connections)
            {
                connection.Touch(_shard.Clock.At(_mono));
            }

            Tick();
        });
        Assert.True(_shard.Counters.DeadlinesVisited - visited >= 5 * Sessions);
        Assert.Equal(0, _shard.Counters.Closed);
    }

    [Fact]
    public void Heartbeats_with_an_ack()
    {
        long before = _connections[7].Bytes;
        AllocatesNothing(rounds: 100, () =>
        {
            foreach (QuietConnection connection in _connections)
            {
                connection.Touch(_shard.Clock.At(_mono));
                _shard.Inbox.TryPostBeat(connection, HeartbeatFlags.WantAck | HeartbeatFlags.Active);
            }

            Tick();
        });
        Assert.True(_connections[7].Bytes > before);
    }

    [Fact]
    public void A_change_delivered_to_every_watcher()
    {
        long before = _shard.Counters.Deliveries;
        AllocatesNothing(rounds: 100, () =>
        {
            _shard.Inbox.TryPostLiveness(_busy);
            Settle();
            _shard.Inbox.TryPostLiveness(_online);
            Settle();
        });
        Assert.True(_shard.Counters.Deliveries - before >= 200 * Sessions);
    }

    [Fact]
    public void The_measure_sees_an_allocation() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AllocatesNothing(rounds: 10, () => GC.KeepAlive(new byte[1])));

    private static void AllocatesNothing(int rounds, Action work)
    {
        for (int i = 0; i < rounds; i++)
        {
            work();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++)
        {
            work();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Tick()
    {
        _mono += TimingWheel.TickMs;
        Settle();
    }

    private void Settle()
    {
        while (_shard.Turn(Now))
        {
        }
    }
}
