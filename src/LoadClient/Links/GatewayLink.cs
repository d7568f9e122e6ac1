using System.Buffers;
using System.Globalization;
using Presence.LoadClient.Connections;
using Presence.LoadClient.Pacing;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>
/// One gateway and its link: numbers what it says, keeps it until the server has taken it, and comes back by itself when the connection is
/// lost, to say again what was not taken. What it says while it is away waits in the log.
/// </summary>
/// <param name="number">Among the links of the run, from 0.</param>
internal sealed class GatewayLink(int number, GatewayPlan plan, ILinkEvents events)
    : IConnectionEvents, IDeadline, IDisposable
{
    /// <summary>Longest frame of sessions beside its ids.</summary>
    private const int FrameOverhead = 64;

    private static readonly TimeSpan _comeBack = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _defaultPause = TimeSpan.FromSeconds(1);

    private readonly FrameLog _log = new();
    private LinkWire? _wire;
    private TimeSpan _due;
    private TimeSpan? _slot;
    private string? _saidReason;
    private ulong _wentBackTo;
    private bool _isFresh = true;
    // Until it is opened there is nobody to be reached.
    private TimeSpan _reachedAt = TimeSpan.MaxValue;

    /// <summary>Welcomed and not lost.</summary>
    public bool IsLive { get; private set; }

    /// <summary>The server said not to come back.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Why the connection was lost last, in lower_snake; null: it never was.</summary>
    public string? LostBy { get; private set; }

    /// <summary>When the server was last heard of, or will be by its own word.</summary>
    public TimeSpan ReachedAt => IsLive ? plan.Loop.Now : _reachedAt;

    /// <summary>Of the last frame that was numbered.</summary>
    public ulong LastSeq { get; private set; }

    /// <summary>Of the last frame that the server has taken.</summary>
    public ulong AckedSeq { get; private set; }

    /// <summary>Ids that the server takes in one frame.</summary>
    public int MostIds { get; private set; } = ProtocolLimits.MaxLinkIds;

    public void Open()
    {
        _reachedAt = plan.Loop.Now;
        Connect();
    }

    /// <summary>Closes the connection without a word and comes back later.</summary>
    /// <param name="forgets">As a gateway that was started anew: it does not know what it said, and says so.</param>
    public void Drop(TimeSpan away, bool forgets)
    {
        _isFresh |= forgets;
        _slot = away;
        End(asked: true, "dropped");
    }

    /// <summary>Whether so many ids can be said now.</summary>
    public bool HasRoomFor(int ids) => _log.HasRoomFor((ids * sizeof(ulong)) + FrameOverhead);

    public void Say(SessionsVerb verb, ReadOnlySpan<ulong> userIds, Status status = Status.Unspecified)
    {
        DeviceKind kind = verb == SessionsVerb.Up ? DeviceKind.Mobile : DeviceKind.Unspecified;
        SessionsFrame.Write(_log, verb, ++LastSeq, userIds, status, kind);
        _log.Commit(LastSeq);
    }

    public void SayComplete()
    {
        LinkFrames.WriteComplete(_log, ++LastSeq);
        _log.Commit(LastSeq);
    }

    public void WatchAll(ulong requestId)
    {
        LinkFrames.WriteWatchAll(_log, requestId);
        _log.Commit(seq: 0);
    }

    public void Query(ulong requestId, ReadOnlySpan<ulong> userIds)
    {
        LinkFrames.WriteQuery(_log, requestId, userIds);
        _log.Commit(seq: 0);
    }

    /// <summary>Sends what was said, as far as the socket takes it now.</summary>
    public void Flush()
    {
        if (IsLive)
        {
            _wire!.Flush();
        }
    }

    public void OnConnected() => _wire!.Greet(LinkFrames.Hello(
        plan.Tokens.MintForGateway(), string.Create(CultureInfo.InvariantCulture, $"{plan.Name}-{number}"), _isFresh));

    public void OnFrame(ReadOnlySpan<byte> payload)
    {
        try
        {
            if (PresenceBatchReader.TryBegin(payload, out PresenceBatchReader batch))
            {
                events.OnBatch(ref batch);
            }
            else
            {
                TakeRare(payload);
            }
        }
        catch (InvalidDataException)
        {
            End(asked: false, "malformed_by_server");
        }
    }

    public void OnLost(string reason) => End(asked: false, _saidReason ?? reason);

    public TimeSpan? OnDue(TimeSpan now)
    {
        if (now < _due || IsOver)
        {
            return null;
        }

        if (_wire is null)
        {
            Connect();
        }
        else if (_wire.IsHeld)
        {
            _wire.IsHeld = false;
            _log.GoBack();
            Flush();
        }

        return null;
    }

    /// <summary>Closes without a word, for good.</summary>
    public void Dispose()
    {
        IsOver = true;
        IsLive = false;
        _wire?.Dispose();
        _wire = null;
    }

    private void Connect()
    {
        _wire = new LinkWire(plan.Loop, _log, this);
        _wire.Open(plan.Servers[number]);
    }

    private void TakeRare(ReadOnlySpan<byte> payload)
    {
        if (!ServerFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ServerFrame? frame, out FrameFault fault))
        {
            if (FrameFaults.Closes(fault))
            {
                End(asked: false, "malformed_by_server");
            }

            return;
        }

        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.GatewayWelcome:
                TakeWelcome(frame.GatewayWelcome);
                break;
            case ServerFrame.FrameOneofCase.SessionsAck:
                TakeAck(frame.SessionsAck.Seq);
                break;
            case ServerFrame.FrameOneofCase.Ack:
                events.OnAck(frame.Ack.RequestId);
                break;
            case ServerFrame.FrameOneofCase.Error:
                TakeError(frame.Error);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                TakeGoAway(frame.GoAway);
                break;
        }
    }

    private void TakeWelcome(GatewayWelcome welcome)
    {
        bool mustName = _isFresh || !welcome.Resumed;
        _log.Resume(mustName ? ulong.MaxValue : welcome.LastSeq);
        AckedSeq = welcome.LastSeq;
        LastSeq = mustName ? welcome.LastSeq : Math.Max(LastSeq, welcome.LastSeq);
        MostIds = welcome.Limits is { LinkIds: > 0 } limits ? (int)Math.Min(limits.LinkIds, ProtocolLimits.MaxLinkIds) : MostIds;
        _isFresh = false;
        IsLive = true;
        events.OnLive(welcome, mustName, mustComplete: !welcome.Resumed);
        Flush();
    }

    private void TakeAck(ulong seq)
    {
        AckedSeq = Math.Max(AckedSeq, seq);
        _log.Acked(seq);
        Flush();
    }

    private void TakeError(Error error)
    {
        if (error.Code == ErrorCode.Overloaded && error.HasSeq && IsLive)
        {
            Pause(error);
        }
        else if (error.Code == ErrorCode.OutOfOrder && error.HasAllowed && IsLive)
        {
            GoBackTo(error);
        }
        else
        {
            _slot = error.HasReconnectAfterMs ? TimeSpan.FromMilliseconds(error.ReconnectAfterMs) : _slot;
            events.OnError(error);
        }
    }

    // The refused frame took no number: all that was sent after it is refused too, and everything is said once more after the pause.
    private void Pause(Error error)
    {
        events.OnHeldUp(error);
        if (!_wire!.IsHeld)
        {
            _wire.IsHeld = true;
            Schedule(error.HasReconnectAfterMs ? TimeSpan.FromMilliseconds(error.ReconnectAfterMs) : _defaultPause);
        }
    }

    // Every frame that was under way is told of: the first is what counts.
    private void GoBackTo(Error error)
    {
        if (_wire!.IsHeld || _wentBackTo == error.Allowed)
        {
            return;
        }

        _wentBackTo = error.Allowed;
        TakeAck(error.Allowed - 1);
        _log.GoBack();
        events.OnHeldUp(error);
        Flush();
    }

    private void TakeGoAway(GoAway goAway)
    {
        _saidReason = CloseCodes.Name(goAway.CloseCode);
        _slot = goAway.HasReconnectAfterMs ? TimeSpan.FromMilliseconds(goAway.ReconnectAfterMs) : _slot;
        IsOver = !CloseCodes.ComesBack(goAway.CloseCode);
        End(asked: false, _saidReason);
    }

    private void End(bool asked, string reason)
    {
        _wire?.Dispose();
        _wire = null;
        TimeSpan away = _slot ?? _comeBack;
        if (IsLive || (_slot is not null && !asked))
        {
            _reachedAt = plan.Loop.Now + away;
        }

        IsLive = false;
        LostBy = reason;
        (_slot, _saidReason) = (null, null);
        if (!IsOver)
        {
            Schedule(away);
        }

        events.OnLost(asked, reason);
    }

    private void Schedule(TimeSpan wait)
    {
        _due = plan.Loop.Now + wait;
        plan.Loop.Schedule(this, _due);
    }
}
