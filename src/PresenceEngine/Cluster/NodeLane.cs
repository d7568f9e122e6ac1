using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// From one shard to another node. Never blocks: while a batch is under way the next collects, changes the latest of each user. Behind a reset all is said anew: the sessions whose home the node is are named in slices, with
/// what happens meanwhile in between, and at the end it is said that this was all. Changes of which it is not known that they were heard are said again: who watches everybody asks for nobody.
/// </summary>
internal sealed class NodeLane(Shard shard, int node, ulong incarnation, ulong epoch)
{
    // A watermark goes out so often at least.
    private const long SpeakEveryMs = 1_000;

    // Behind a batch that was not taken.
    private const long TryAgainAfterMs = 100;

    // Reports with which a batch is full of them, while sessions are named.
    private const int Full = 8_192;

    // What has collected beyond this is not worth keeping: it is said anew.
    private const int Most = 1 << 18;

    private readonly int _slice = shard.Options.Budget.NamedUsers;
    private readonly ChannelSender _channel = new(incarnation, epoch);
    private PeerBatch _open = new();
    private long _lastSentMs = long.MinValue / 2;
    private long _notBeforeMs = long.MinValue;

    // Where the naming of sessions goes on, downwards.
    private int _next = shard.Users.HighWater - 1;
    private bool _isNaming = true;
    private bool _onlyInvisible;

    // The batch under way.
    private PeerBatch? _sent;

    // Of it, when it says that all were named; else −1.
    private long _completing = -1;

    // Wait until a batch was taken.
    private Action? _taken;

    /// <summary>The ring by which the node has taken that all were named; −1: none.</summary>
    public long CompletedRing { get; private set; } = -1;

    public int Node => node;

    /// <inheritdoc cref="ChannelSender.Epoch"/>
    public ulong Epoch => _channel.Epoch;

    /// <summary>What the next batch has.</summary>
    public PeerBatch Open => _open;

    /// <summary>There is more to name than a turn may.</summary>
    public bool HasWork => _isNaming && _next >= 0 && _open.Reports.Count < Full;

    /// <summary>The ring is another: that all were named was said of the one before.</summary>
    public void BeginWalk() => _open.IsComplete = false;

    /// <summary>All sessions have been gone through by another ring; who has moved to the node is named.</summary>
    public void CompleteWalk() => _open.IsComplete |= !_isNaming || _onlyInvisible;

    /// <summary>What the node has said of users who turn invisible or back may be lost: names those who are taken for invisible, to hear of it.</summary>
    public void NameInvisible()
    {
        // Also of those who have been named already what was said to that may be lost.
        (_next, _isNaming, _onlyInvisible) = (shard.Users.HighWater - 1, true, !_isNaming || _onlyInvisible);
    }

    /// <summary>Every session is named again, beside what is said.</summary>
    public void NameAll() => (_next, _isNaming, _onlyInvisible) = (shard.Users.HighWater - 1, true, false);

    public void Add(ReadOnlySpan<PresenceState> changes)
    {
        foreach (ref readonly PresenceState change in changes)
        {
            _open.Changes[change.UserId] = change;
        }
    }

    /// <summary>Sends what has collected, unless a batch is under way.</summary>
    public void EndTurn(IPeerTransport transport)
    {
        if (_isNaming)
        {
            NameSome();
        }

        if (_open.Weight > Most)
        {
            _channel.Reset();
            BeginAnew(new PeerBatch());
        }

        if (_channel.IsUnderWay || shard.Time.Now < _notBeforeMs || (_open.IsEmpty && !_channel.IsAtReset && shard.Time.Now < _lastSentMs + SpeakEveryMs))
        {
            return;
        }

        PeerBatch batch = _sent = _open;
        _open = new PeerBatch();
        _lastSentMs = shard.Time.Now;
        (batch.Clock, batch.WatermarkMs, batch.RingVersion, batch.Shards) = (shard.Versions.Last, shard.Time.WallMs, shard.Routing.Version, shard.Topology.Shards);
        batch.Namings.AddRange(shard.Links.Namings);
        batch.GoneLeftMs = batch.IsComplete ? shard.Nodes!.Warming.Gone.LeftMs : null;
        batch.SentAwayMs = shard.Draining.HeldForMs;
        _completing = batch.IsComplete ? batch.RingVersion : -1;
        transport.Send(node, shard.Address, _channel.Send(), batch);
    }

    /// <summary>Calls back once a batch of the present epoch was taken.</summary>
    public void WhenTaken(Action taken)
    {
        _taken += taken;
        if (!_channel.IsAtReset)
        {
            TellTaken();
        }
    }

    /// <summary>Nobody waits for it any longer.</summary>
    public void TellTaken()
    {
        _taken?.Invoke();
        _taken = null;
    }

    /// <inheritdoc cref="ChannelSender.Settle"/>
    public bool Settle(in ChannelStamp stamp, bool isTaken)
    {
        if (_channel.Settle(stamp, isTaken))
        {
            CompletedRing = Math.Max(CompletedRing, isTaken && !_channel.IsUnderWay ? _completing : -1);
            _sent = _channel.IsUnderWay ? _sent : null;
            if (!_channel.IsAtReset)
            {
                TellTaken();
            }

            return true;
        }

        _notBeforeMs = shard.Time.Now + TryAgainAfterMs;
        BeginAnew(Unheard());
        return false;
    }

    // The newest change of each user that was in the batch under way, or would have been in the next; and which sessions are over, for which nobody asks.
    private PeerBatch Unheard()
    {
        var unheard = new PeerBatch();
        foreach (PeerBatch batch in (PeerBatch[])(_sent is null ? [_open] : [_sent, _open]))
        {
            foreach (PresenceState change in batch.Changes.Values)
            {
                unheard.Changes[change.UserId] = change;
            }

            foreach (HomeWord word in batch.Words)
            {
                if (shard.Nodes!.Words.StillOver(word) is { } over)
                {
                    unheard.Words.Add(over);
                }
            }
        }

        return unheard;
    }

    private void BeginAnew(PeerBatch open)
    {
        (_open, _sent) = (open, null);
        // What is settled late is of an epoch that is over.
        CompletedRing = _completing = -1;
        NameAll();
    }

    private void NameSome()
    {
        for (int looked = 0; looked < _slice && _open.Reports.Count < Full && _next >= 0; looked++, _next--)
        {
            if (shard.Users.IsUsed(_next))
            {
                Name(_next);
            }
        }

        if (_next < 0 && !shard.Nodes!.IsWalking)
        {
            _isNaming = false;
            _open.IsComplete |= !_onlyInvisible;
        }
    }

    private void Name(int entry)
    {
        ref UserEntry user = ref shard.Users[entry];
        bool isInvisible = user.Has(UserFlags.Invisible);
        if (user.Has(UserFlags.Elsewhere))
        {
            if ((isInvisible || !_onlyInvisible) && shard.Routing.NodeOf(user.UserId) == node)
            {
                shard.Nodes!.Homes.Name(entry);
            }
        }
        else if (isInvisible && shard.Routing.IsHere(user.UserId))
        {
            // What its sessions there were told is lost, maybe.
            shard.Nodes!.Words.TellOwn(entry, node);
        }
    }
}
