using System.Buffers;
using Google.Protobuf;
using Presence.Client.Connections;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>
/// One user's device, on one connection at a time: says Hello, watches, then keeps itself alive by the rules every client obeys. Whether
/// and when it comes back is for its owner to say; it then resumes, and watches with the versions it holds.
/// </summary>
/// <param name="index">Its number among the sessions of its generator, from 0.</param>
/// <param name="view">Whom it watches, and what it was told of them.</param>
internal sealed class Session(int index, ulong userId, View view, SessionPlan plan) : IConnectionEvents, IDeadline, IDisposable
{
    /// <summary>Reasons for which a session ends that are the server's fault, whatever the load.</summary>
    public const string Malformed = "malformed_by_server";
    public const string AckBeforeWelcome = "heartbeat_ack_before_welcome";

    private Connection? _connection;
    private HeartbeatSchedule? _heartbeats;
    private ByteString _resumeToken = ByteString.Empty;
    private Status _status = Status.Online;
    private Error? _said;
    private TimeSpan _helloSent;
    private TimeSpan _upBy;
    private TimeSpan _nextLook = TimeSpan.MaxValue;
    private ulong _requests;
    private int _unanswered;

    public int Index => index;

    public ulong UserId => userId;

    public View View => view;

    /// <summary>Welcomed, watches answered, not lost.</summary>
    public bool IsUp { get; private set; }

    /// <summary>When it came up last.</summary>
    public TimeSpan UpSince { get; private set; }

    private EventLoop Loop => plan.Loop;

    /// <summary>Opens at a time, unless it is opened or to be opened later by then.</summary>
    public void OpenAt(TimeSpan at) => LookAt(at);

    public void Open()
    {
        _said = null;
        _unanswered = 0;
        _upBy = Loop.Now + SessionPlan.Patience;
        LookAt(_upBy);
        _connection = new Connection(Loop, this);
        _connection.Open(plan.Servers[index], plan.Servers.SourceOf(index));
    }

    /// <summary>Loses the connection without a word, as a network does. Nobody is told: its owner does it.</summary>
    /// <param name="reset">The server sees a reset, else the end of the stream.</param>
    public void Drop(bool reset)
    {
        if (reset)
        {
            _connection?.Reset();
        }

        Dispose();
    }

    /// <summary>Changes the user's status.</summary>
    /// <returns>The request that its Ack will name.</returns>
    public ulong SetStatus(Status status)
    {
        _status = status;
        ulong request = ++_requests;
        Send(Frames.SetStatus(request, status));
        return request;
    }

    /// <summary>Asks about users once.</summary>
    /// <returns>The request that the answer will name.</returns>
    public ulong Query(ReadOnlySpan<ulong> users)
    {
        ulong request = ++_requests;
        Send(Frames.Query(request, users));
        return request;
    }

    /// <summary>A heartbeat beside the schedule, to be acked: when it is, all that the server wrote before has arrived.</summary>
    public void AskForAck()
    {
        plan.Heartbeats.RoundTrips++;
        SendHeartbeat();
    }

    public void OnConnected()
    {
        _helloSent = Loop.Now;
        // As every client does: the resume token speaks for itself, and saves the server the signature of another.
        string token = _resumeToken.IsEmpty ? plan.Tokens.Mint(userId) : "";
        _connection!.Send(Frames.Hello(token, _resumeToken, _status));
    }

    public void OnFrame(ReadOnlySpan<byte> payload)
    {
        try
        {
            if (PresenceBatchReader.TryBegin(payload, out PresenceBatchReader batch))
            {
                Take(ref batch);
            }
            else
            {
                TakeRare(payload);
            }
        }
        catch (InvalidDataException)
        {
            End(Ending.Lost(Malformed));
        }
    }

    public void OnLost(string reason) => End(Ending.Lost(reason));

    public TimeSpan? OnDue(TimeSpan now)
    {
        // An entry of the queue that an earlier one has overtaken.
        if (now < _nextLook)
        {
            return null;
        }

        if (_connection is null)
        {
            Open();
            return null;
        }

        if (!IsUp && now >= _upBy)
        {
            End(Ending.Lost("not_up_in_time"));
            return null;
        }

        return _heartbeats is null ? null : Beat(now);
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
        _heartbeats = null;
        _nextLook = TimeSpan.MaxValue;
        IsUp = false;
    }

    private TimeSpan? Beat(TimeSpan now)
    {
        switch (_heartbeats!.StepAt(now))
        {
            case HeartbeatStep.Beat:
                plan.Heartbeats.Sent++;
                SendHeartbeat();
                break;
            case HeartbeatStep.GiveUp:
                End(Ending.Lost("heartbeat_not_acked"));
                return null;
        }

        return _heartbeats is null ? null : _nextLook = NextLook();
    }

    private void SendHeartbeat()
    {
        _connection!.Send(Frames.HeartbeatWithAck);
        // Null: that send found the connection lost.
        _heartbeats?.HeartbeatSent(Loop.Now, wantsAck: true);
    }

    private void Take(ref PresenceBatchReader batch)
    {
        while (batch.Next(out SeenEntry entry))
        {
            plan.Events.OnEntry(this, entry, view.Merge(entry));
        }

        if (IsUp && batch.RequestId != 0)
        {
            plan.Events.OnAnswer(this, batch.RequestId, !batch.More);
        }
        else if (batch.RequestId != 0 && !batch.More && --_unanswered == 0)
        {
            ComeUp();
        }
    }

    private void TakeRare(ReadOnlySpan<byte> payload)
    {
        if (!ServerFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ServerFrame? frame, out FrameFault fault))
        {
            if (FrameFaults.Closes(fault))
            {
                End(Ending.Lost(Malformed));
            }

            return;
        }

        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Welcome:
                TakeWelcome(frame.Welcome);
                break;
            case ServerFrame.FrameOneofCase.HeartbeatAck:
                TakeHeartbeatAck(frame.HeartbeatAck);
                break;
            case ServerFrame.FrameOneofCase.Ack:
                plan.Events.OnAck(this, frame.Ack.RequestId, frame.Ack.Version);
                break;
            case ServerFrame.FrameOneofCase.Error:
                _said = frame.Error;
                plan.Events.OnError(this, frame.Error);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                TakeGoAway(frame.GoAway);
                break;
        }
    }

    private void TakeWelcome(Welcome welcome)
    {
        TimeSpan now = Loop.Now;
        _resumeToken = welcome.ResumeToken;
        _heartbeats = new HeartbeatSchedule(
            TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs),
            TimeSpan.FromMilliseconds(welcome.FirstHeartbeatAfterMs),
            _helloSent,
            now,
            ackTimeout: null,
            plan.Random);
        LookAt(NextLook());
        plan.Events.OnWelcome(this, welcome);
        SendWatches();
    }

    // Watches never outlive a connection: they are sent again, with what is known.
    private void SendWatches()
    {
        for (int from = 0; from < view.Watched.Length; from += ProtocolLimits.MaxIdsPerRequest)
        {
            _unanswered++;
            int count = Math.Min(ProtocolLimits.MaxIdsPerRequest, view.Watched.Length - from);
            Send(Frames.Watch(++_requests, view.Watched.Slice(from, count), view.Versions.Slice(from, count)));
        }

        if (_unanswered == 0)
        {
            ComeUp();
        }
    }

    private void ComeUp()
    {
        IsUp = true;
        UpSince = Loop.Now;
        plan.Events.OnUp(this);
    }

    private void TakeHeartbeatAck(HeartbeatAck ack)
    {
        if (_heartbeats is null)
        {
            End(Ending.Lost(AckBeforeWelcome));
            return;
        }

        plan.Heartbeats.Acked++;
        _heartbeats.AckReceived(Loop.Now, TimeSpan.FromMilliseconds(ack.HeartbeatIntervalMs));
        if (_heartbeats.NextLook < _nextLook)
        {
            LookAt(_heartbeats.NextLook);
        }
    }

    private void TakeGoAway(GoAway goAway)
    {
        if (goAway.CloseCode is CloseCode.TokenExpired or CloseCode.BadToken && !_resumeToken.IsEmpty)
        {
            // It was the resume token that was refused, or the one it was made with: a new one is minted for the next Hello.
            _resumeToken = ByteString.Empty;
            goAway.CloseCode = CloseCode.TokenExpired;
        }

        End(Ending.Told(goAway, _said) with { Reason = CloseCodes.Name(goAway.CloseCode) });
    }

    private TimeSpan NextLook() =>
        IsUp || _heartbeats!.NextLook < _upBy ? _heartbeats!.NextLook : _upBy;

    private void LookAt(TimeSpan at)
    {
        _nextLook = at;
        Loop.Schedule(this, at);
    }

    private void Send(ReadOnlySpan<byte> frame)
    {
        _connection!.Send(frame);
        // Null: that send found the connection lost.
        _heartbeats?.FrameSent(Loop.Now);
    }

    private void End(Ending ending)
    {
        if (_connection is null)
        {
            return;
        }

        bool wasUp = IsUp;
        Dispose();
        plan.Events.OnDown(this, wasUp, ending);
    }
}
