using System.Threading.Channels;
using Grpc.Core;
using Presence.Admin.V1;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Admin;

/// <summary>
/// An operator's watch: to the shard a connection without a session. What it is told collects here, latest version per user, until the stream has taken
/// it, so a slow reader costs an entry a watched user and no more.
/// </summary>
internal sealed class WatchStream(ShardHost shard) : ConnectionPort
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ulong> _told = [];
    private readonly Dictionary<ulong, PresenceEntry> _news = [];

    // One signal is enough for any number of news.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Set when the server ended the watch.</summary>
    public CloseCode? CloseCode { get; private set; }

    /// <summary>Streams until the caller leaves or the server closes.</summary>
    public async Task RunAsync(ulong[] userIds, IServerStreamWriter<WatchPresenceResponse> output, CancellationToken cancelled)
    {
        // In the lane of its Lost: that may never come first.
        await shard.PostLivenessAsync(new Watch(this, userIds));
        try
        {
            while (CloseCode is null)
            {
                await _signal.Reader.ReadAsync(cancelled);
                if (TakeNews() is { } news)
                {
                    await output.WriteAsync(news, cancelled);
                }
            }
        }
        finally
        {
            await shard.PostLostAsync(this);
        }
    }

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        ServerFrame read = ServerFrame.Parser.ParseFrom(frame[prefixBytes..]);
        if (read.FrameCase == ServerFrame.FrameOneofCase.PresenceBatch)
        {
            Tell(read.PresenceBatch.Entries);
        }
    }

    // Never congested: news are bounded by what is watched.
    protected override bool Flush() => true;

    protected override void WriteWelcome(in SessionWelcome welcome) =>
        throw new InvalidOperationException("A watch without a session was made the connection of one.");

    protected override void Close(CloseCode code)
    {
        CloseCode = code;
        Signal();
    }

    private void Tell(IEnumerable<PresenceEntry> entries)
    {
        lock (_gate)
        {
            foreach (PresenceEntry entry in entries)
            {
                // An update may come before the snapshot, which is then old.
                if (!_told.TryGetValue(entry.UserId, out ulong version) || version < entry.Version)
                {
                    _told[entry.UserId] = entry.Version;
                    _news[entry.UserId] = entry;
                }
            }
        }

        Signal();
    }

    private WatchPresenceResponse? TakeNews()
    {
        lock (_gate)
        {
            if (_news.Count == 0)
            {
                return null;
            }

            var response = new WatchPresenceResponse();
            response.Entries.AddRange(_news.Values);
            _news.Clear();
            return response;
        }
    }

    private void Signal() => _signal.Writer.TryWrite(true);

    private sealed class Watch(WatchStream stream, ulong[] userIds) : OutsideWatch(stream, userIds)
    {
        protected override void Answered(ReadOnlySpan<PresenceState> states)
        {
            var entries = new List<PresenceEntry>(states.Length);
            foreach (ref readonly PresenceState state in states)
            {
                entries.Add(Entries.Of(state));
            }

            stream.Tell(entries);
        }
    }
}
