using System.Buffers;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Transport.Links;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// What happens to the frames of one connection, whatever transport they came by: the first must be a Hello, later ones go to the shard; after a GatewayHello
/// they are a link's. Returns what the reader is to wait for; most frames need nothing.
/// </summary>
internal sealed class FrameConsumer(ClientConnection connection, ClientContext context)
{
    private ConsumerState _state = ConsumerState.Handshake;
    private SessionRates _rates;

    // What the handshake came to when it was no session: a Refusal or a LinkConsumer. One field, because clients are many.
    private object? _outcome;

    /// <summary>Nothing that arrives means anything any more.</summary>
    public bool IsDone => _state == ConsumerState.Done;

    /// <summary>In the session of a client, or a gateway's link.</summary>
    public bool IsLive => _state is ConsumerState.Live or ConsumerState.Link;

    /// <summary>The largest payload that is allowed now.</summary>
    public int MaxFrameBytes => _state switch
    {
        ConsumerState.Handshake => context.Limits.HandshakeBytes,
        ConsumerState.Link => context.Limits.LinkFrameBytes,
        _ => context.Limits.MaxFrameBytes,
    };

    /// <summary>Set when a session was refused before the shard knew of it: the reader writes it and closes.</summary>
    public Refusal? Refusal => _outcome as Refusal;

    /// <summary>The client said Goodbye: the reader closes at once.</summary>
    public bool SaidGoodbye { get; private set; }

    /// <summary>Handles one payload.</summary>
    public ValueTask ConsumeAsync(in ReadOnlySequence<byte> payload)
    {
        if (_state == ConsumerState.Link && SessionsFrame.TryRead(payload, out SessionsFrame sessions))
        {
            return Link.ConsumeAsync(sessions);
        }

        if (IsLive && HeartbeatFrame.TryRead(payload, out HeartbeatFlags flags))
        {
            return Beat(flags, count: 1);
        }

        if (_state == ConsumerState.Live && Passes(1, payload.Length) is { } limit)
        {
            return FloodedAsync(limit);
        }

        if (!ClientFrames.TryParse(payload, out ClientFrame? frame, out FrameFault fault, MaxFrameBytes))
        {
            return Fault(fault);
        }

        return _state switch
        {
            ConsumerState.Live => Live(frame),
            ConsumerState.Link => OnLink(frame),
            _ => Handshake(frame),
        };
    }

    /// <summary>Heartbeats of a live session; plain ones cost what the touch of the read has cost already, and their count.</summary>
    public ValueTask Beat(HeartbeatFlags flags, int count)
    {
        connection.Session!.Shard.CountHeartbeats(count);
        if (_state == ConsumerState.Live && Passes(count, count * HeartbeatScanner.FrameBytes) is { } limit)
        {
            return FloodedAsync(limit);
        }

        if (flags == HeartbeatFlags.None || connection.Session.Shard.Inbox.TryPostBeat(connection, flags))
        {
            return default;
        }

        return connection.PausedAsync(PostBeatAsync(flags));
    }

    /// <summary>Bytes that are no frame, or a frame that is unknown.</summary>
    public ValueTask Fault(FrameFault fault)
    {
        var error = new Error
        {
            Code = fault == FrameFault.Unsupported ? ErrorCode.Unsupported : ErrorCode.Malformed,
            Message = FrameFaults.Describe(fault),
        };
        bool closes = FrameFaults.Closes(fault);
        if (fault == FrameFault.LengthOverLimit)
        {
            context.Counters.Limits.Hit(_state == ConsumerState.Handshake ? LimitHits.HandshakeBytes : LimitNames.MaxFrameBytes);
        }

        if (_state == ConsumerState.Handshake)
        {
            // The first frame is a Hello or a GatewayHello, or there is nothing.
            Refuse(new Refusal(error, closes ? CloseCode.Malformed : CloseCode.Refused));
            return default;
        }

        if (!closes)
        {
            return AnswerAsync(new RequestFault(connection, error));
        }

        _state = ConsumerState.Done;
        return connection.Session!.Shard.PostLivenessAsync(new ConnectionFault(connection, error, CloseCode.Malformed));
    }

    /// <summary>The transport's own: what is no frame, or the head of a part of one, costs the session as much of its rates.</summary>
    public ValueTask Spend(long bytes) => _state == ConsumerState.Live && Passes(1, bytes) is { } limit ? FloodedAsync(limit) : default;

    /// <summary>No complete Hello in time.</summary>
    public void TimeOut()
    {
        if (_state == ConsumerState.Handshake)
        {
            Refuse(TooLate(context.HandshakeTimeout));
        }
    }

    public static Refusal TooLate(TimeSpan timeout) => Transport.Refusal.Because(
        ErrorCode.Unauthenticated, CloseCode.HandshakeTimeout, $"No Hello within {timeout.TotalSeconds:0.#} s of the connection, or too many others wait for theirs.");

    private string? Passes(int frames, long bytes) => _rates.Take(frames, bytes, connection.Session!.Shard.StampNow, context.Rates);

    private ValueTask FloodedAsync(string limit)
    {
        _state = ConsumerState.Done;
        return connection.Session!.Shard.PostLivenessAsync(new ConnectionFault(connection, context.Rates.Flooded(limit), CloseCode.Overloaded));
    }

    private LinkConsumer Link => (LinkConsumer)_outcome!;

    private ValueTask Handshake(ClientFrame frame)
    {
        if (frame.FrameCase == ClientFrame.FrameOneofCase.GatewayHello)
        {
            return GatewayHandshake(frame.GatewayHello);
        }

        if (frame.FrameCase != ClientFrame.FrameOneofCase.Hello)
        {
            Refuse(Transport.Refusal.Because(
                ErrorCode.OutOfOrder, CloseCode.Refused, $"The first frame is Hello or GatewayHello, this was {frame.FrameCase}. Connect again and say it."));
            return default;
        }

        SessionUp? up = context.Gatekeeper.Admit(connection, frame.Hello, out Refusal? refusal);
        if (up is null)
        {
            Refuse(refusal!);
            return refusal!.Held is { } held ? context.Shards.Of(held.UserId).PostLivenessAsync(held) : default;
        }

        connection.ExpectNothing();
        return OpenAsync(up);
    }

    private async ValueTask OpenAsync(SessionUp up)
    {
        await connection.FollowShardAsync();
        _state = ConsumerState.Live;
        connection.Touch();
        await connection.Session!.Shard.PostLivenessAsync(up);
    }

    private ValueTask GatewayHandshake(GatewayHello hello)
    {
        if (context.Links.Admit(connection, hello, out Refusal? refusal) is not { } link)
        {
            Refuse(refusal!);
            return default;
        }

        connection.ExpectNothing();
        return OpenAsync(new LinkConsumer(link, context));
    }

    private async ValueTask OpenAsync(LinkConsumer link)
    {
        await connection.FollowShardAsync();
        _outcome = link;
        _state = ConsumerState.Link;
        connection.Touch();
        await connection.PausedAsync(link.OpenAsync());
    }

    private ValueTask OnLink(ClientFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.Heartbeat:
                return Beat(HeartbeatFrame.FromValue(frame.Heartbeat), count: 1);
            case ClientFrame.FrameOneofCase.Goodbye:
                _state = ConsumerState.Done;
                SaidGoodbye = true;
                return Link.GoodbyeAsync();
            default:
                return Link.ConsumeAsync(frame);
        }
    }

    private ValueTask Live(ClientFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.Heartbeat:
                return Beat(HeartbeatFrame.FromValue(frame.Heartbeat), count: 1);
            case ClientFrame.FrameOneofCase.Goodbye:
                _state = ConsumerState.Done;
                SaidGoodbye = true;
                return connection.Session!.Shard.PostGoodbyeAsync(connection);
            case ClientFrame.FrameOneofCase.Query when !_rates.TryTakeQuery(connection.Session!.Shard.StampNow, context.Rates):
                return AnswerAsync(new RequestFault(connection, context.Rates.TooManyQueries(frame.Query.RequestId)));
            case ClientFrame.FrameOneofCase.Watch when !_rates.TryTakeWatch(frame.Watch.UserIds.Count, connection.Session!.Shard.StampNow, context.Rates):
                return AnswerAsync(new RequestFault(connection, context.Rates.TooManyWatched(frame.Watch.RequestId)));
            default:
                return RequestAsync(frame);
        }
    }

    // As for requests: who does not read its answers gets no further ones.
    private ValueTask AnswerAsync(ShardMessage message) => connection.IsCongested ? AnswerLaterAsync(message) : PostAsync(message);

    private async ValueTask AnswerLaterAsync(ShardMessage message)
    {
        await connection.WhenDrainedAsync();
        await PostAsync(message);
    }

    // A client that does not read its answers gets no further ones started, and a token is not judged where a shard may be waiting for the thread.
    private ValueTask RequestAsync(ClientFrame frame) =>
        connection.IsCongested || frame.FrameCase == ClientFrame.FrameOneofCase.RefreshToken || NeedsPermission(frame)
            ? RequestLaterAsync(frame)
            : PostAsync(RequestReader.Read(connection, frame, context));

    private async ValueTask RequestLaterAsync(ClientFrame frame)
    {
        await connection.WhenDrainedAsync();
        ShardMessage message = await Task.Run(() => RequestReader.Read(connection, frame, context));
        if (NeedsPermission(frame))
        {
            message = await AskAsync(message);
        }

        await PostAsync(message);
    }

    private bool NeedsPermission(ClientFrame frame) =>
        !context.WatchGate.IsOpen && frame.FrameCase is ClientFrame.FrameOneofCase.Watch or ClientFrame.FrameOneofCase.Query;

    // Nothing is read meanwhile, and the session does not expire for it.
    private async ValueTask<ShardMessage> AskAsync(ShardMessage message)
    {
        ValueTask<ShardMessage> asking = context.WatchGate.PassAsync(connection, connection.Session!.UserId, message);
        Task<ShardMessage> asked = asking.AsTask();
        await connection.PausedAsync(new ValueTask(asked));
        return await asked;
    }

    private ValueTask PostAsync(ShardMessage message) => connection.PausedAsync(
        message is ReadRequest request ? connection.Session!.Shard.PostReadAsync(request) : connection.Session!.Shard.PostLivenessAsync(message));

    private async ValueTask PostBeatAsync(HeartbeatFlags flags)
    {
        do
        {
            await connection.Session!.Shard.NextTurn();
        }
        while (!connection.Session.Shard.Inbox.TryPostBeat(connection, flags));
    }

    private void Refuse(Refusal refusal)
    {
        _state = ConsumerState.Done;
        _outcome = refusal;
        context.Counters.Refused(refusal);
        context.Logger.HelloRefused(refusal.CloseCode, refusal.Error.Message);
    }

    private enum ConsumerState : byte
    {
        Handshake,
        Live,
        Link,
        Done,
    }
}
