using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// From one shard to another node. Never blocks: while a batch is under way the next collects, changes the latest of each user. What collects beyond its limit is thrown away with the epoch: all is said anew once the
/// node takes it.
/// </summary>
internal sealed class NodeLane(int node, ulong incarnation)
{
    // A watermark goes out so often at least.
    private const long SpeakEveryMs = 1_000;

    // Behind a batch that was not taken.
    private const long TryAgainAfterMs = 100;

    private readonly ChannelSender _channel = new(incarnation);
    private PeerBatch _open = new();
    private long _lastSentMs = long.MinValue / 2;
    private long _notBeforeMs = long.MinValue;

    public int Node => node;

    /// <summary>What the next batch has.</summary>
    public PeerBatch Open => _open;

    public void Add(ReadOnlySpan<PresenceState> changes)
    {
        foreach (ref readonly PresenceState change in changes)
        {
            _open.Changes[change.UserId] = change;
        }
    }

    /// <summary>Sends what has collected, unless a batch is under way.</summary>
    public void Flush(Shard shard, IPeerTransport transport)
    {
        if (_channel.IsUnderWay || shard.Time.Now < _notBeforeMs || (_open.IsEmpty && !_channel.IsAtReset && shard.Time.Now < _lastSentMs + SpeakEveryMs))
        {
            return;
        }

        PeerBatch batch = _open;
        _open = new PeerBatch();
        _lastSentMs = shard.Time.Now;
        (batch.Clock, batch.WatermarkMs) = (shard.Versions.Last, shard.Time.WallMs);
        transport.Send(node, shard.Address, _channel.Send(), batch);
    }

    /// <inheritdoc cref="ChannelSender.Settle"/>
    /// <param name="nowMs">Engine time.</param>
    public bool Settle(in ChannelStamp stamp, bool isTaken, long nowMs)
    {
        if (_channel.Settle(stamp, isTaken))
        {
            return true;
        }

        _open = new PeerBatch();
        _notBeforeMs = nowMs + TryAgainAfterMs;
        return false;
    }
}
