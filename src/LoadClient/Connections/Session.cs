using System.Buffers;
using Presence.Client.Connections;
using Presence.LoadClient.Pacing;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Connections;

/// <summary>
/// One user's device on one connection: says Hello, watches, then keeps itself alive by the rules every client obeys. It does not come
/// back when it is lost: a run that loses sessions says so.
/// </summary>
/// <param name="index">Its number in the run, from 0.</param>
/// <param name="watches">Whom it watches; may be empty.</param>
internal sealed class Session(int index, ulong userId, ReadOnlyMemory<ulong> watches, SessionPlan plan)
    : IConnectionEvents, IDeadline, IDisposable
{
    private Connection? _connection;
    private HeartbeatSchedule? _heartbeats;
    private Limits? _limits;
    private TimeSpan _helloSent;
    private TimeSpan _nextLook;
    private ulong _requests;
    private int _unanswered;
    private string? _saidReason;
    private bool _isOver;

    public int Index => index;

    public ulong UserId => userId;

    /// <summary>Welcomed, watches answered, not lost.</summary>
    public bool IsUp { get; private set; }

    private EventLoop Loop => plan.Loop;

    public void Open()
    {
        _connection = new Connection(Loop, this);
        _connection.Open(plan.Servers[index], plan.Servers.SourceOf(index));
    }

    /// <summary>Changes the user's status.</summary>
    /// <returns>The request that its Ack will name.</returns>
    public ulong SetStatus(Status status)
    {
        ulong request = ++_requests;
        Send(Frames.SetStatus(request, status));
        return request;
    }

    /// <summary>A heartbeat beside the schedule, to be acked: when it is, all that the server wrote before has arrived.</summary>
    public void AskForAck()
    {
        plan.Heartbeats.Sent++;
        _connection!.Send(Frames.HeartbeatWithAck);
        _heartbeats!.HeartbeatSent(Loop.Now, wantsAck: true);
    }

    public void OnConnected()
    {
        _helloSent = Loop.Now;
        _connection!.Send(Frames.Hello(plan.Tokens.Mint(userId)));
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
            End("malformed_by_server");
        }
    }

    public void OnLost(string reason) => End(_saidReason ?? reason);

    public TimeSpan? OnDue(TimeSpan now)
    {
        // An entry of the queue that an earlier one has overtaken.
        if (_isOver || now < _nextLook)
        {
            return null;
        }

        switch (_heartbeats!.StepAt(now))
        {
            case HeartbeatStep.Beat:
                AskForAck();
                break;
            case HeartbeatStep.GiveUp:
                End("heartbeat_not_acked");
                return null;
        }

        return _nextLook = _heartbeats.NextLook;
    }

    public void Dispose()
    {
        _isOver = true;
        IsUp = false;
        _connection?.Dispose();
    }

    private void Take(ref PresenceBatchReader batch)
    {
        while (batch.Next(out SeenEntry entry))
        {
            plan.Events.OnEntry(this, entry);
        }

        if (batch.RequestId != 0 && !batch.More && --_unanswered == 0)
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
                End("malformed_by_server");
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
                plan.Events.OnError(this, frame.Error);
                break;
            case ServerFrame.FrameOneofCase.GoAway:
                _saidReason = CloseCodes.Name(frame.GoAway.CloseCode);
                End(_saidReason);
                break;
        }
    }

    private void TakeWelcome(Welcome welcome)
    {
        TimeSpan now = Loop.Now;
        _limits = welcome.Limits;
        _heartbeats = new HeartbeatSchedule(
            TimeSpan.FromMilliseconds(welcome.HeartbeatIntervalMs),
            TimeSpan.FromMilliseconds(welcome.FirstHeartbeatAfterMs),
            _helloSent,
            now,
            ackTimeout: null,
            plan.Random);
        _nextLook = _heartbeats.NextLook;
        Loop.Schedule(this, _nextLook);
        SendWatches();
    }

    private void SendWatches()
    {
        for (int from = 0; from < watches.Length; from += ProtocolLimits.MaxIdsPerRequest)
        {
            _unanswered++;
            int count = Math.Min(ProtocolLimits.MaxIdsPerRequest, watches.Length - from);
            Send(Frames.Watch(++_requests, watches.Span.Slice(from, count)));
        }

        if (_unanswered == 0)
        {
            ComeUp();
        }
    }

    private void ComeUp()
    {
        IsUp = true;
        plan.Events.OnUp(this, _limits ?? new Limits());
    }

    private void TakeHeartbeatAck(HeartbeatAck ack)
    {
        plan.Heartbeats.Acked++;
        _heartbeats!.AckReceived(Loop.Now, TimeSpan.FromMilliseconds(ack.HeartbeatIntervalMs));
        if (_heartbeats.NextLook < _nextLook)
        {
            _nextLook = _heartbeats.NextLook;
            Loop.Schedule(this, _nextLook);
        }
    }

    private void Send(ReadOnlySpan<byte> frame)
    {
        _connection!.Send(frame);
        _heartbeats!.FrameSent(Loop.Now);
    }

    private void End(string reason)
    {
        if (_isOver)
        {
            return;
        }

        bool wasUp = IsUp;
        Dispose();
        plan.Events.OnDown(this, wasUp, reason);
    }
}
