namespace Presence.Engine;

/// <summary>Where a link stands on a shard.</summary>
public enum LinkState : byte
{
    /// <summary>Nobody is on it.</summary>
    Gone,

    /// <summary>Open, and its set is known: who is silent goes.</summary>
    Live,

    /// <summary>Open, and its set is being named anew: nobody goes until that is complete, or took too long.</summary>
    Resyncing,

    /// <summary>Lost; it may come back unnoticed until its deadline.</summary>
    Held,

    /// <summary>Left, or lost for too long: its users are being taken down.</summary>
    GoingDown,
}

/// <summary>
/// One gateway's link as a shard sees it: one state for all of its users, so that losing it, coming back and naming the set anew are single
/// events. Users carry the gateway's ordinal and the generation in which they were named last; there is no list of them.
/// </summary>
internal sealed class GatewayLink(Shard shard, int ordinal)
{
    private readonly Queue<(LinkMessage Message, long ArrivedMs)> _waiting = new();

    private readonly long _silentAfterMs = shard.Options.SilentAfterMs;

    private LinkState _state;
    private ConnectionPort? _reader;
    private bool _holdsRecovery;
    private long _heldUntilMs;
    private long _resyncUntilMs;
    private long _tickedMs = shard.Time.Now;

    // No user's silence counts from before this engine time.
    private long _silenceFromMs;

    public int Ordinal => ordinal;

    public LinkState State => _state == LinkState.GoingDown && !Set.Sweeps ? LinkState.Gone : _state;

    public LinkSet Set { get; } = new(ordinal);

    public ulong DeviceKey { get; private set; }

    public long Beats { get; set; }

    public long PassedOver { get; set; }

    /// <summary>The connection, on the shard that owns it.</summary>
    public ConnectionPort? Connection { get; set; }

    public int Waiting => _waiting.Count;

    /// <summary>How long it may stay as it is; 0 = no limit.</summary>
    public long EndsInMs => State switch
    {
        LinkState.Held => Math.Max(0, _heldUntilMs - shard.Time.Now),
        LinkState.Resyncing => Math.Max(0, _resyncUntilMs - shard.Time.Now),
        _ => 0,
    };

    public bool IsResyncing => _resyncUntilMs != 0;

    /// <summary>How long its set may at most be named.</summary>
    public long NamingLeftMs => Math.Max(0, _resyncUntilMs - shard.Time.Now);

    // At another node: nobody of the set goes meanwhile.
    private bool IsNamedElsewhere => shard.Nodes is { } nodes && nodes.Namings.KeptUntilMs(DeviceKey, elsewhere: true) > shard.Time.Now;

    private bool IsPaused => _reader is { ReaderPaused: true };

    public void Enqueue(LinkMessage message) => _waiting.Enqueue((message, shard.Time.Now));

    /// <summary>Goes on with what waits until it is through or the budget is used up.</summary>
    public void Advance(ref int budget)
    {
        while (budget > 0 && _waiting.TryPeek(out (LinkMessage Message, long ArrivedMs) first))
        {
            if (!first.Message.Advance(shard, this, ref budget))
            {
                return;
            }

            _waiting.Dequeue();
        }
    }

    /// <summary>False: another naming of the set has to wait for a sweep.</summary>
    public bool MayBegin => IsResyncing || Set.MayBeNamed;

    /// <returns>False: there is no set that still stands to be resumed; nothing was done.</returns>
    public bool TryBegin(ulong deviceKey, bool resumed, ConnectionPort? reader, ILinkRefusals? refusals)
    {
        bool another = deviceKey != DeviceKey;
        if (resumed && (another || State is LinkState.Gone or LinkState.GoingDown))
        {
            return false;
        }

        DeviceKey = deviceKey;
        _reader = reader;
        Set.Refusals = refusals;
        Set.GoesWhole = false;
        // The time without the link is not the users': each has its whole time again, as a session that comes back has.
        _silenceFromMs = shard.Time.Now;
        if (!resumed)
        {
            BeginNaming(another);
        }

        _state = IsResyncing ? LinkState.Resyncing : LinkState.Live;
        return true;
    }

    public void Complete()
    {
        if (IsResyncing)
        {
            Set.Complete();
            EndNaming();
        }
    }

    public void End(bool goodbye)
    {
        _reader = null;
        if (goodbye)
        {
            Set.End(shard.Time.WallMs);
            GoDown();
        }
        else if (State is LinkState.Live or LinkState.Resyncing)
        {
            // Nobody goes before a resync has ended, whatever becomes of its connection.
            _heldUntilMs = Math.Max(shard.Time.Now + shard.Options.HoldMs, _resyncUntilMs);
            _state = LinkState.Held;
        }
    }

    /// <summary>Looks at the link's own deadlines.</summary>
    public void Tick()
    {
        long now = shard.Time.Now;
        if (IsPaused)
        {
            // Nobody can be heard, or named, while we do not read.
            _silenceFromMs = now;
            _resyncUntilMs += IsResyncing ? now - _tickedMs : 0;
        }

        _tickedMs = now;

        // Who was named in time may still wait in the queue.
        if (IsResyncing && HeardUpTo(now) >= _resyncUntilMs)
        {
            Set.TimeOut();
            EndNaming();
        }

        if (State == LinkState.Held && now >= _heldUntilMs && !IsNamedElsewhere)
        {
            Set.GoWhole();
            GoDown();
        }
    }

    /// <summary>When a user is silent for too long, as far as can be told now; never before that.</summary>
    public long SilentAt(long lastSeenMs, long nowMs)
    {
        bool judges = State == LinkState.Live && !IsPaused && !IsNamedElsewhere;
        return _silentAfterMs + (judges ? Math.Max(lastSeenMs, _silenceFromMs) : nowMs);
    }

    /// <summary>Engine time up to which everything that came has been applied.</summary>
    public long HeardUpTo(long nowMs) => _waiting.Count == 0 ? nowMs : _waiting.Peek().ArrivedMs;

    private void BeginNaming(bool another)
    {
        if (another)
        {
            Set.End();
            shard.Links.BeginSweep();
        }

        // The time is given once: a gateway that always begins and never completes would keep up who is gone for ever.
        if (IsResyncing && !another)
        {
            Set.NameAgain();
            return;
        }

        Set.BeginNaming();
        _resyncUntilMs = shard.Time.Now + shard.Options.LinkResyncMs;
        // Users of before a restart may be this gateway's: they wait for it.
        HoldRecovery(shard.Time.Now < shard.RecoveringUntilMs);
    }

    private void EndNaming()
    {
        _resyncUntilMs = 0;
        _silenceFromMs = shard.Time.Now;
        HoldRecovery(false);
        if (_state == LinkState.Resyncing)
        {
            _state = LinkState.Live;
        }

        shard.Links.BeginSweep();
    }

    private void GoDown()
    {
        _resyncUntilMs = 0;
        HoldRecovery(false);
        _state = LinkState.GoingDown;
        shard.Links.BeginSweep();
    }

    private void HoldRecovery(bool on)
    {
        if (on != _holdsRecovery)
        {
            _holdsRecovery = on;
            shard.Links.HoldingRecovery += on ? 1 : -1;
        }
    }
}
