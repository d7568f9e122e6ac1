using System.Buffers;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine.Tests;

/// <summary>
/// A connection without a transport: decodes what it is sent, keeps the view a client would have, and lets the test decide whether the peer reads.
/// </summary>
internal sealed class FakeConnection(World world, ulong userId) : ConnectionPort
{
    private readonly List<ServerFrame> _written = [];
    private readonly Dictionary<ulong, PresenceEntry> _view = [];
    private readonly Dictionary<ulong, ulong> _lastActive = [];

    public ulong User { get; } = userId;

    /// <summary>All that has reached the peer, in order.</summary>
    public List<ServerFrame> Frames { get; } = [];

    public SessionWelcome? Welcome { get; private set; }

    /// <summary>The code the shard closed it with.</summary>
    public CloseCode? ClosedWith { get; private set; }

    /// <summary>The peer does not read: flushes stay pending.</summary>
    public bool IsBlocked { get; set; }

    public int Unread => _written.Count;

    /// <summary>How often the shard has had its writes sent.</summary>
    public int Flushes { get; private set; }

    /// <summary>What the transport had to say, as written among the frames.</summary>
    public List<byte[]> Replies { get; } = [];

    public IEnumerable<PresenceBatch> Updates =>
        Frames.Where(frame => frame.PresenceBatch is { Snapshot: false }).Select(frame => frame.PresenceBatch);

    public IEnumerable<Error> Errors => Frames.Where(frame => frame.Error is not null).Select(frame => frame.Error);

    public CloseCode? GoAway => Frames.FirstOrDefault(frame => frame.GoAway is not null)?.GoAway.CloseCode;

    /// <summary>What the client shows of a user.</summary>
    public PresenceEntry Of(ulong userId) => _view[userId];

    public Status StatusOf(ulong userId) => _view.TryGetValue(userId, out PresenceEntry? entry) ? entry.Status : Status.Unspecified;

    public DeviceKinds KindsOf(ulong userId) => Of(userId).DeviceKinds.Aggregate(DeviceKinds.None, static (all, kind) => all | DeviceKindSet.Of(kind));

    public ulong VersionOf(ulong userId) => _view.TryGetValue(userId, out PresenceEntry? entry) ? entry.Version : 0;

    public ulong AckOf(ulong requestId) => Frames.Single(frame => frame.Ack?.RequestId == requestId).Ack.Version;

    public bool IsAcked(ulong requestId) => Frames.Any(frame => frame.Ack?.RequestId == requestId);

    /// <summary>The entries of all pages that answer a request; null while it is not answered.</summary>
    public List<PresenceEntry>? AnswerTo(ulong requestId)
    {
        PresenceBatch[] pages = [.. Frames.Select(frame => frame.PresenceBatch).Where(batch => batch is { HasRequestId: true } && batch.RequestId == requestId)];
        return pages is [.., { More: false }] ? [.. pages.SelectMany(page => page.Entries)] : null;
    }

    /// <summary>A frame has been read off the connection now.</summary>
    public void Heard() => Touch(world.ShardOf(User).Clock.At(world.MonoMs));

    public void Beat(HeartbeatFlags flags = HeartbeatFlags.None)
    {
        Heard();
        if (flags != HeartbeatFlags.None)
        {
            world.Post(User, inbox => inbox.TryPostBeat(this, flags));
        }
    }

    public void SetStatus(ulong requestId, Status status, string? text = null) =>
        Say(new SetStatusRequest(this, requestId, status, text is null ? null : System.Text.Encoding.UTF8.GetBytes(text)));

    public void Say(ShardMessage message)
    {
        Heard();
        world.Post(User, inbox => inbox.TryPostLiveness(message));
    }

    public void Watch(ulong requestId, ulong[] userIds, params ulong[] versions) => Read(new WatchRequest(this, requestId, userIds, versions));

    public void Unwatch(ulong requestId, params ulong[] userIds) => Read(new UnwatchRequest(this, requestId, userIds));

    public void Query(ulong requestId, params ulong[] userIds) => Read(new QueryRequest(this, requestId, userIds));

    public void Goodbye()
    {
        Heard();
        world.Post(User, inbox => inbox.TryPostGoodbye(this));
    }

    /// <summary>The transport is gone: the reader's last word.</summary>
    public void Lose() => world.Post(User, inbox => inbox.TryPostLost(this));

    /// <summary>The peer has read all there was.</summary>
    public void Drain()
    {
        IsBlocked = false;
        Deliver();
        world.Post(User, inbox => inbox.TryPostDrained(this));
    }

    protected internal override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        Assert.Null(ClosedWith);
        var payload = new ReadOnlySequence<byte>(frame[prefixBytes..].ToArray());
        Assert.Equal(prefixBytes, LengthPrefix.Size((int)payload.Length));
        Assert.True(ServerFrames.TryParse(payload, out ServerFrame? parsed, out FrameFault fault), fault.ToString());
        _written.Add(parsed);
    }

    protected internal override void WriteReply(ReadOnlySpan<byte> bytes)
    {
        Assert.Null(ClosedWith);
        Replies.Add(bytes.ToArray());
    }

    protected internal override bool Flush()
    {
        Flushes++;
        if (!IsBlocked)
        {
            Deliver();
        }

        return !IsBlocked;
    }

    protected internal override void WriteWelcome(in SessionWelcome welcome)
    {
        Assert.Null(Welcome);
        Welcome = welcome;
    }

    protected internal override void Close(CloseCode code)
    {
        Assert.Null(ClosedWith);
        ClosedWith = code;
    }

    public void Read(ReadRequest request)
    {
        Heard();
        world.Post(User, inbox => inbox.TryPostRead(request));
    }

    private void Deliver()
    {
        foreach (ServerFrame frame in _written)
        {
            Frames.Add(frame);
            foreach (PresenceEntry entry in frame.PresenceBatch?.Entries ?? [])
            {
                Take(entry, isUpdate: !frame.PresenceBatch!.Snapshot);
            }
        }

        _written.Clear();
    }

    // Versions only rise at a watcher, and last-active times with them: an update is never older than what was sent before it.
    private void Take(PresenceEntry entry, bool isUpdate)
    {
        ulong known = VersionOf(entry.UserId);
        if (entry.Status == Status.Unknown)
        {
            // What was held is kept beneath, with its version.
            Assert.False(entry.Reset);
            entry.Version = known;
        }

        if (entry.Reset)
        {
            _lastActive.Remove(entry.UserId);
        }

        Assert.False(isUpdate && entry.Version < known && !entry.Reset, $"update {entry} after version {known}");
        if (entry.Version < known && !entry.Reset)
        {
            return;
        }

        _view[entry.UserId] = entry;
        if (entry.HasLastActiveMs)
        {
            Assert.True(entry.LastActiveMs >= _lastActive.GetValueOrDefault(entry.UserId), $"last active went back: {entry}");
            _lastActive[entry.UserId] = entry.LastActiveMs;
        }
    }
}
