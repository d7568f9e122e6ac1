using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Tests.Links.Fakes;

/// <summary>One connection of a fake server: a session that watches, or a gateway link.</summary>
internal sealed class FakeLinkConnection(FakeLinkServer server, Socket socket)
{
    private readonly HashSet<ulong> _watched = [];
    private FakeGateway? _gateway;
    private bool _watchesAll;
    private long _told;

    private FakeLinkFaults Faults => server.Faults;

    public async Task RunAsync()
    {
        var reader = PipeReader.Create(new NetworkStream(socket, ownsSocket: true));
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync();
                ReadOnlySequence<byte> rest = result.Buffer;
                lock (server.Gate)
                {
                    Take(ref rest);
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Gone.
        }

        server.Forget(this);
        socket.Dispose();
    }

    public void Close() => socket.Dispose();

    /// <summary>Tells of a transition, if it is watched here.</summary>
    public void Tell(PresenceEntry entry)
    {
        bool isHidden = _watchesAll && Faults.HidesEvery > 0 && ++_told % Faults.HidesEvery == 0;
        if ((_watchesAll && !isHidden) || _watched.Contains(entry.UserId))
        {
            Send(new ServerFrame { PresenceBatch = new PresenceBatch { Entries = { entry } } });
        }
    }

    private void Take(ref ReadOnlySequence<byte> bytes)
    {
        const int Most = ProtocolLimits.MaxLinkFrameBytes;
        while (FrameReader.TryRead(ref bytes, Most, out ReadOnlySequence<byte> payload, out _) == FrameReadResult.Frame)
        {
            if (SessionsFrame.TryRead(payload, out SessionsFrame sessions))
            {
                TakeSessions(sessions);
                sessions.Return();
            }
            else if (ClientFrames.TryParse(payload, out ClientFrame? frame, out _, Most))
            {
                TakeOther(frame);
            }
        }
    }

    private void TakeSessions(in SessionsFrame frame)
    {
        if (!TakeNumber(frame.Seq))
        {
            return;
        }

        foreach (PresenceEntry entry in server.Users.Take(frame))
        {
            server.Broadcast(entry);
        }
    }

    private bool TakeNumber(ulong seq)
    {
        if (seq == Faults.ClosesAt)
        {
            Faults.ClosesAt = 0;
            Close();
            return false;
        }

        if (seq == Faults.DiesAt)
        {
            server.Die();
            return false;
        }

        if (seq == Faults.Loses)
        {
            Faults.Loses = 0;
            return false;
        }

        if (seq == Faults.Refuses)
        {
            Faults.Refuses = 0;
            Send(new ServerFrame { Error = new Error { Code = ErrorCode.Overloaded, Seq = seq, ReconnectAfterMs = 50 } });
            return false;
        }

        ulong expected = _gateway!.LastSeq + 1;
        if (seq > expected)
        {
            Send(new ServerFrame { Error = new Error { Code = ErrorCode.OutOfOrder, Which = "seq", Allowed = expected } });
            return false;
        }

        _gateway.LastSeq = Math.Max(seq, _gateway.LastSeq);
        _gateway.Repeats += seq < expected ? 1 : 0;
        Send(new ServerFrame { SessionsAck = new SessionsAck { Seq = _gateway.LastSeq } });
        return seq == expected;
    }

    private void TakeOther(ClientFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.GatewayHello:
                Welcome(frame.GatewayHello);
                break;
            case ClientFrame.FrameOneofCase.SessionsComplete:
                _gateway!.Completed += TakeNumber(frame.SessionsComplete.Seq) ? 1 : 0;
                break;
            case ClientFrame.FrameOneofCase.WatchAll:
                _watchesAll = true;
                Send(new ServerFrame { Ack = new Ack { RequestId = frame.WatchAll.RequestId } });
                break;
            case ClientFrame.FrameOneofCase.Query:
                Answer(frame.Query.RequestId, Faults.Names is { } names ? names(frame.Query.UserIds) : frame.Query.UserIds);
                break;
            case ClientFrame.FrameOneofCase.Hello:
                Send(new ServerFrame { Welcome = new Welcome { HeartbeatIntervalMs = 30_000, FirstHeartbeatAfterMs = 30_000 } });
                break;
            case ClientFrame.FrameOneofCase.Watch:
                _watched.UnionWith(frame.Watch.UserIds);
                Answer(frame.Watch.RequestId, frame.Watch.UserIds);
                break;
            case ClientFrame.FrameOneofCase.Heartbeat:
                Send(new ServerFrame { HeartbeatAck = new HeartbeatAck { HeartbeatIntervalMs = 30_000 } });
                break;
        }
    }

    private void Welcome(GatewayHello hello)
    {
        if (Faults.SendsAway != CloseCode.Unspecified)
        {
            Send(new ServerFrame { GoAway = new GoAway { CloseCode = Faults.SendsAway } });
            return;
        }

        bool isKnown = server.Gateways.TryGetValue(hello.GatewayId, out _gateway) && !Faults.ForgetsGateways && !hello.StartsAnew;
        if (!isKnown)
        {
            _gateway = server.Gateways[hello.GatewayId] = new FakeGateway
            {
                Connections = _gateway?.Connections ?? 0,
                Completed = _gateway?.Completed ?? 0,
            };
        }

        _gateway!.Connections++;
        Send(new ServerFrame
        {
            GatewayWelcome = new GatewayWelcome
            {
                Resumed = isKnown,
                LastSeq = _gateway.LastSeq,
                HeartbeatIntervalMs = 1_000,
                HoldMs = 1_500,
                Limits = new Limits { LinkIds = 2_000, PendingRequests = 32 },
            },
        });
    }

    private void Answer(ulong requestId, IEnumerable<ulong> userIds)
    {
        var batch = new PresenceBatch { RequestId = requestId, Snapshot = true };
        foreach (ulong userId in userIds)
        {
            PresenceEntry entry = server.Users[userId];
            entry.Status = userId == Faults.LiesAbout ? Status.Busy : entry.Status;
            batch.Entries.Add(entry);
        }

        Send(new ServerFrame { PresenceBatch = batch });
    }

    // The generator always reads: what the socket takes is enough for a test.
    private void Send(ServerFrame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        ServerFrames.Write(output, frame, Framing.LengthPrefix);
        try
        {
            socket.Send(output.WrittenSpan);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone; its reader sees it too.
        }
    }
}
