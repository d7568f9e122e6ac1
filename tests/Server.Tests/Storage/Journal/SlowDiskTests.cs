using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Storage;
using Presence.Server.Storage.Journal;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>A shard on a journal whose disk takes half a second for a write: presence goes on as ever, and only acknowledgements are late.</summary>
public sealed class SlowDiskTests : IAsyncDisposable
{
    private const int TickMs = 100;
    private const int WriteTakesMs = 500;
    private const ulong User = 1;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeFiles _files = new();
    private readonly DiskJournal _journal;
    private readonly Shard _shard;
    private readonly HeardConnection _device = new();
    private readonly HeardConnection _watcher = new();
    private long _monoMs = 1_000_000;

    public SlowDiskTests()
    {
        _journal = DiskJournal.Open(_files, "/journal", new JournalOptions(), new UserHash(7), _time, NullLogger.Instance);
        var nothing = new Nothing();
        var setup = new ShardSetup(
            new ShardOptions { StatusChanges = 0 }, new Topology(node: 0, shards: 1, partitions: 64, seed: 42), nothing, _journal, Seed: 7);
        _shard = setup.Build([nothing], Now)[0];
        Up(_device, User);
        Up(_watcher, 2);
        _shard.Inbox.TryPostRead(new WatchRequest(_watcher, 1, [User], []));
        Settle();
    }

    private TurnTime Now => new(_monoMs, _time.GetUtcNow().ToUnixTimeMilliseconds(), _monoMs);

    [Fact]
    public async Task Presence_goes_on_and_acknowledgements_come_when_the_disk_does()
    {
        for (ulong request = 1; request <= 10; request++)
        {
            Status status = request % 2 == 0 ? Status.Away : Status.Busy;
            _files.Answers.Reset();
            _shard.Inbox.TryPostLiveness(new SetStatusRequest(_device, request, status, text: null));
            Settle();
            PresenceEntry shown = _watcher.Last(User);
            Assert.Equal(status, shown.Status);

            Advance(WriteTakesMs);
            Assert.Null(_device.AckOf(request));
            _files.Answers.Set();
            while (_device.AckOf(request) is null)
            {
                Settle();
                await Task.Yield();
            }

            Assert.Equal(shown.Version, _device.AckOf(request));
        }

        Assert.Empty(_device.Errors);
        Assert.Null(_journal.Health.Problem);
    }

    [Fact]
    public async Task Whatever_comes_during_one_write_shares_the_next()
    {
        const ulong Changes = 1_000;
        _files.Answers.Reset();
        for (ulong request = 1; request <= Changes; request++)
        {
            _shard.Inbox.TryPostLiveness(new SetStatusRequest(_device, request, request % 2 == 0 ? Status.Away : Status.Busy, text: null));
            Settle();
        }

        Assert.Equal(Status.Away, _watcher.Last(User).Status);
        int before = _files.Writes;
        _files.Answers.Set();
        while (_device.AckOf(Changes) is null)
        {
            Settle();
            await Task.Yield();
        }

        Assert.All(Enumerable.Range(1, (int)Changes), request => Assert.NotNull(_device.AckOf((ulong)request)));
        Assert.InRange(_files.Writes - before, 1, 3);
    }

    public async ValueTask DisposeAsync()
    {
        _files.Answers.Set();
        _shard.Dispose();
        await _journal.DisposeAsync();
    }

    private void Up(ConnectionPort connection, ulong user) => _shard.Inbox.TryPostLiveness(
        new SessionUp(connection, user, deviceKey: 1) { InitialStatus = Status.Online, TokenExpiresMs = long.MaxValue });

    private void Advance(int milliseconds)
    {
        for (int passed = 0; passed < milliseconds; passed += TickMs)
        {
            _monoMs += TickMs;
            _time.Advance(TimeSpan.FromMilliseconds(TickMs));
            Settle();
        }
    }

    private void Settle()
    {
        while (_shard.Turn(Now))
        {
        }
    }

    /// <summary>A connection that keeps what it was told.</summary>
    private sealed class HeardConnection : ConnectionPort
    {
        private readonly List<ServerFrame> _heard = [];

        public IEnumerable<Error> Errors => Of(ServerFrame.FrameOneofCase.Error).Select(static frame => frame.Error);

        public ulong? AckOf(ulong request) =>
            Of(ServerFrame.FrameOneofCase.Ack).Select(static frame => frame.Ack).FirstOrDefault(ack => ack.RequestId == request)?.Version;

        public PresenceEntry Last(ulong user) => Of(ServerFrame.FrameOneofCase.PresenceBatch)
            .SelectMany(static frame => frame.PresenceBatch.Entries).Last(entry => entry.UserId == user);

        protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => _heard.Add(ServerFrame.Parser.ParseFrom(frame[prefixBytes..]));

        protected override bool Flush() => true;

        protected override void WriteWelcome(in SessionWelcome welcome)
        {
        }

        protected override void Close(CloseCode code)
        {
        }

        private IEnumerable<ServerFrame> Of(ServerFrame.FrameOneofCase kind) => _heard.Where(frame => frame.FrameCase == kind);
    }

    /// <summary>A store that knows nobody, and a thread that need not be woken.</summary>
    private sealed class Nothing : ILastActiveStore, IWake
    {
        public ulong MaxVersion => 0;

        public long LastWatermarkMs => PresenceState.NoTime;

        public bool HasRoomForNewUsers => true;

        public int Loads => 0;

        public void Write(in UserRecord record)
        {
        }

        public bool IsLoaded(ulong userId) => true;

        public void Read(StoreRead read) => read.Complete();

        public void Walk(PresentWalk walk)
        {
            walk.IsOver = true;
            walk.Complete();
        }

        public void Wake()
        {
        }
    }
}
