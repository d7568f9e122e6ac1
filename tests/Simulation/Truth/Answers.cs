using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>What the server says to its clients in a turn, as the truth hears it: who was answered, told, refused and closed.</summary>
internal sealed class Answers(World world, Truth truth, HomeCheck home)
{
    private TrueTurn Turn => truth.Turn!;

    public void Welcomed(ServerConnection connection, in SessionWelcome welcome)
    {
        connection.Truth.AckedBefore = Turn.Acked.Count;
        Turn.Welcomed.Add(new(connection, welcome));
    }

    public void Closed(ServerConnection connection, CloseCode code)
    {
        connection.Truth.ClosedWith = code;
        Turn.Closed.Add(connection);
        if (connection.Truth.User is { } user)
        {
            Turn.Touch(user);
        }

        world.Trace.Note(connection.Truth.User?.Id ?? 0, $"connection closed with {code}");
    }

    /// <summary>A frame is written to a client.</summary>
    public void Wrote(ServerConnection connection, ServerFrame frame)
    {
        WrittenView view = connection.Truth.View;
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.PresenceBatch:
                home.CheckEntries(connection, frame.PresenceBatch);
                view.Take(frame.PresenceBatch);
                break;
            case ServerFrame.FrameOneofCase.GoAway when frame.GoAway.HasReconnectAfterMs:
                truth.Slots.Told(frame.GoAway.ReconnectAfterMs);
                break;
            case ServerFrame.FrameOneofCase.Ack:
                view.Answer(frame.Ack.RequestId);
                truth.Kept.Acked(connection.Truth, frame.Ack.RequestId, frame.Ack.Version);
                Turn.Acked.Add((connection.Truth, frame.Ack.RequestId));
                break;
            case ServerFrame.FrameOneofCase.HeartbeatAck:
                Pace(connection.Truth, frame.HeartbeatAck.HeartbeatIntervalMs);
                break;
            case ServerFrame.FrameOneofCase.Error when frame.Error.Code == ErrorCode.OutOfOrder:
                view.Complain();
                break;
            case ServerFrame.FrameOneofCase.Error when frame.Error.HasRequestId:
                view.Refuse(frame.Error.RequestId);
                TakeRefusal(connection, frame.Error);
                break;
        }
    }

    private void Pace(TrueConnection connection, uint intervalMs)
    {
        Turn.Told.Add(intervalMs);
        connection.Pace.Tell(intervalMs, connection.AsGoodAsHeardMs, world.Agenda.Now);
        if (connection.User is { } user)
        {
            // It may be due sooner.
            Turn.Touch(user);
        }
    }

    /// <summary>A request over HTTP was answered: it is applied and durable.</summary>
    public void Completed(SimulatedLease request, ulong version)
    {
        truth.Kept.Acked(request.Caller, request.Says.RequestId, version);
        Turn.Acked.Add((request.Caller, request.Says.RequestId));
    }

    /// <summary>A request over HTTP was answered: it is applied.</summary>
    public void NotDurable(SimulatedLease request)
    {
        request.Caller.Said.Remove(request.Says.RequestId);
        Turn.Acked.Add((request.Caller, request.Says.RequestId));
    }

    // A status that is not durable has been applied all the same.
    private void TakeRefusal(ServerConnection connection, Error error)
    {
        if (error.Code == ErrorCode.Overloaded)
        {
            Turn.Shed.Add((connection.Truth, error.RequestId), error.Which);
        }

        if (connection.Truth.Said.Remove(error.RequestId) && error.Code == ErrorCode.Unavailable)
        {
            Turn.Acked.Add((connection.Truth, error.RequestId));
        }
    }
}
