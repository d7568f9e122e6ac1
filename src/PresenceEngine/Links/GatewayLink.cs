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

    private ConnectionPort? _reader;
    private bool _holdsRecovery;
    private long _heldUntilMs;
    private long _resyncUntilMs;

    // No user's silence counts from before this engine time.
    private long _silenceFromMs;

    public int Ordinal => ordinal;

    public LinkState State { get; private set; }

    public ulong DeviceKey { get; private set; }

    /// <summary>Rises with every LinkBegins that does not resume.</summary>
    public int Generation { get; private set; }

    /// <summary>Users of this shard who are up on the link.</summary>
    public int Users { get; set; }

    /// <summary>Those of them who were named in the present generation; never too many.</summary>
    public int Named { get; set; }

    public long Beats { get; set; }

    public long Ups { get; set; }

    public long Downs { get; set; }

    public long PassedOver { get; set; }

    public long Refused { get; set; }

    /// <summary>The connection, on the shard that owns it.</summary>
    public ConnectionPort? Connection { get; set; }

    /// <summary>Unix ms of the Goodbye that takes the set down; -1: everybody's own last sign of life counts.</summary>
    public long LeftAtMs { get; private set; } = -1;

    /// <summary>Users named in an earlier generation only are gone and wait for the sweep.</summary>
    public bool SweepsOld { get; private set; }

    /// <summary>Users are to be taken down by the sweep.</summary>
    public bool Sweeps => State == LinkState.GoingDown || (SweepsOld && Named < Users);

    public int Waiting => _waiting.Count;

    /// <summary>How long it may stay as it is; 0 = no limit.</summary>
    public long EndsInMs => State switch
    {
        LinkState.Held => Math.Max(0, _heldUntilMs - shard.Time.Now),
        LinkState.Resyncing => Math.Max(0, _resyncUntilMs - shard.Time.Now),
        _ => 0,
    };

    public bool IsResyncing => _resyncUntilMs != 0;

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

    /// <returns>False: there is no set that still stands to be resumed; nothing was done.</returns>
    public bool TryBegin(ulong deviceKey, bool resumed, ConnectionPort? reader)
    {
        bool another = deviceKey != DeviceKey;
        if (resumed && (another || State is LinkState.Gone or LinkState.GoingDown))
        {
            return false;
        }

        DeviceKey = deviceKey;
        _reader = reader;
        LeftAtMs = -1;
        // The time without the link is not the users': each has its whole time again, as a session that comes back has.
        _silenceFromMs = shard.Time.Now;
        if (resumed)
        {
            State = IsResyncing ? LinkState.Resyncing : LinkState.Live;
            return true;
        }

        Generation++;
        Named = 0;
        SweepOld(another);
        // Users of before a restart may be this gateway's: they wait for it.
        HoldRecovery(shard.Time.Now < shard.RecoveringUntilMs);
        _resyncUntilMs = shard.Time.Now + shard.Options.LinkResyncMs;
        State = LinkState.Resyncing;
        return true;
    }

    public void Complete()
    {
        if (!IsResyncing)
        {
            return;
        }

        _resyncUntilMs = 0;
        _silenceFromMs = shard.Time.Now;
        HoldRecovery(false);
        SweepOld(true);
        if (State == LinkState.Resyncing)
        {
            State = LinkState.Live;
        }
    }

    public void End(bool goodbye)
    {
        _reader = null;
        if (goodbye)
        {
            LeftAtMs = shard.Time.WallMs;
            GoDown();
        }
        else if (State is LinkState.Live or LinkState.Resyncing)
        {
            // Nobody goes before a resync has ended, whatever becomes of its connection.
            _heldUntilMs = Math.Max(shard.Time.Now + shard.Options.HoldMs, _resyncUntilMs);
            State = LinkState.Held;
        }
    }

    /// <summary>Looks at the link's own deadlines.</summary>
    public void Tick()
    {
        long now = shard.Time.Now;
        if (IsPaused)
        {
            _silenceFromMs = now;
        }

        if (State == LinkState.Held && now >= _heldUntilMs)
        {
            GoDown();
        }
        else if (State == LinkState.Resyncing && now >= _resyncUntilMs)
        {
            Complete();
        }
    }

    /// <summary>Nobody who waited for the sweep is left.</summary>
    public void EndSweep()
    {
        // Who was named eight generations ago and never since cannot be told from who is named now: silence will tell.
        Named = Users;
        SweepsOld = false;
        if (State == LinkState.GoingDown)
        {
            State = LinkState.Gone;
        }
    }

    /// <summary>When a user is silent for too long, as far as can be told now; never before that.</summary>
    public long SilentAt(long lastSeenMs, long nowMs)
    {
        bool judges = State == LinkState.Live && !IsPaused;
        return _silentAfterMs + (judges ? Math.Max(lastSeenMs, _silenceFromMs) : nowMs);
    }

    /// <summary>Engine time up to which everything that came has been applied.</summary>
    public long HeardUpTo(long nowMs) => _waiting.Count == 0 ? nowMs : _waiting.Peek().ArrivedMs;

    private void GoDown()
    {
        _resyncUntilMs = 0;
        HoldRecovery(false);
        SweepOld(false);
        State = Users == 0 ? LinkState.Gone : LinkState.GoingDown;
        shard.Links.BeginSweep();
    }

    private void SweepOld(bool on)
    {
        SweepsOld = on;
        if (on)
        {
            shard.Links.BeginSweep();
        }
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
