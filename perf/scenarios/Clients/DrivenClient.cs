using System.Buffers;
using Presence.LoadClient.Connections;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Scenarios.Clients;

/// <summary>A connection that does only what a row tells it: it sends no heartbeats of its own.</summary>
internal sealed class DrivenClient(Fleet fleet, int index, ulong userId, ulong[] watches) : IConnectionEvents, IDisposable
{
    private Connection? _connection;

    public int Index => index;

    public ulong UserId => userId;

    public void Open()
    {
        _connection = new Connection(fleet.Loop, this);
        _connection.Open(fleet.Servers[index], fleet.Servers.SourceOf(index));
    }

    public void Send(ReadOnlySpan<byte> frames) => _connection!.Send(frames);

    public void Dispose() => _connection?.Dispose();

    public void OnConnected()
    {
        if (fleet.Tokens is { } tokens)
        {
            Send(Frames.Hello(tokens.Mint(userId)));
        }
        else
        {
            fleet.BecameReady();
        }
    }

    public void OnFrame(ReadOnlySpan<byte> payload)
    {
        if (PresenceBatchReader.TryBegin(payload, out PresenceBatchReader batch))
        {
            Take(ref batch);
        }
        else if (!ServerFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ServerFrame? frame, out _))
        {
            throw new InvalidDataException("The server sent a frame that cannot be read.");
        }
        else if (frame.FrameCase == ServerFrame.FrameOneofCase.HeartbeatAck)
        {
            fleet.OnHeartbeatAck(this);
        }
        else
        {
            TakeRare(frame);
        }
    }

    public void OnLost(string reason) =>
        throw new InvalidOperationException($"A connection was lost ({reason}): what was measured means nothing.");

    private void Take(ref PresenceBatchReader batch)
    {
        int entries = 0;
        while (batch.Next(out _))
        {
            entries++;
        }

        if (batch.RequestId == 0)
        {
            fleet.OnUpdates(entries);
        }
        else if (!batch.More)
        {
            fleet.BecameReady();
        }
    }

    private void TakeRare(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.Welcome when watches.Length > 0:
                Send(Frames.Watch(1, watches));
                break;
            case ServerFrame.FrameOneofCase.Welcome:
                fleet.BecameReady();
                break;
            case ServerFrame.FrameOneofCase.Ack:
                fleet.OnAck();
                break;
            case ServerFrame.FrameOneofCase.Error or ServerFrame.FrameOneofCase.GoAway:
                throw new InvalidOperationException($"The server said {frame}: what was measured means nothing.");
        }
    }
}
