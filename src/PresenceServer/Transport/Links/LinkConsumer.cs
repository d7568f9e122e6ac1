using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>
/// The frames of a gateway link, after its GatewayHello. Returns what the reader is to wait for, as <see cref="FrameConsumer"/> does: while a frame waits for
/// the shards, or for their credit, nothing is read and nobody expires for it.
/// </summary>
internal sealed class LinkConsumer(Link link, ClientContext context)
{
    private readonly ClientConnection _connection = link.Connection;

    /// <summary>Opens the link: completes when all shards know of it and the Welcome is on its way.</summary>
    public ValueTask OpenAsync() => link.Gateway.OpenAsync(link);

    public ValueTask GoodbyeAsync() => link.Gateway.GoodbyeAsync(link);

    /// <summary>Takes the frame's users to their shards, and its array.</summary>
    public ValueTask ConsumeAsync(in SessionsFrame frame) => _connection.PausedAsync(TakeAsync(frame));

    public ValueTask ConsumeAsync(ClientFrame frame)
    {
        if (SessionsFrame.TryTake(frame, out SessionsFrame sessions))
        {
            return ConsumeAsync(sessions);
        }

        return frame.FrameCase switch
        {
            ClientFrame.FrameOneofCase.SessionsComplete => _connection.PausedAsync(CompleteAsync(frame.SessionsComplete.Seq)),
            ClientFrame.FrameOneofCase.WatchAll => WatchAllAsync(frame.WatchAll.RequestId),
            ClientFrame.FrameOneofCase.Query => RequestAsync(RequestReader.Read(_connection, frame, context)),
            ClientFrame.FrameOneofCase.RefreshToken => RefreshAsync(frame.RefreshToken),
            _ => RequestAsync(new RequestFault(_connection, LinkFaults.NotOnLink(frame))),
        };
    }

    private async ValueTask TakeAsync(SessionsFrame frame)
    {
        // Who leaves makes the store's queue no longer than the users that there are; of the others new ones are refused when there is no end to the waiting.
        bool isStored = frame.Verb == SessionsVerb.Down || await context.NewUsers.WhenStoredAsync();
        if (await link.Gateway.TakeAsync(link, frame, presentOnly: !isStored) is { } error)
        {
            await RequestAsync(new RequestFault(_connection, error));
        }

        await link.Gateway.Credit.WhenRoomAsync();
    }

    private async ValueTask CompleteAsync(ulong seq)
    {
        if (await link.Gateway.CompleteAsync(link, seq) is { } error)
        {
            await RequestAsync(new RequestFault(_connection, error));
        }
    }

    private ValueTask WatchAllAsync(ulong requestId)
    {
        link.WatchesAll = true;
        return RequestAsync(new WatchAllRequest(_connection, requestId));
    }

    // As in a session: a token is not judged where a shard may be waiting for the thread.
    private async ValueTask RefreshAsync(RefreshToken request) => await RequestAsync(await Task.Run(() => Refresh(request)));

    private ShardMessage Refresh(RefreshToken request)
    {
        if (context.Links.Renew(request.Token, out Error? error) is not { } identity)
        {
            error!.RequestId = request.RequestId;
            return new RequestFault(_connection, error);
        }

        link.Shown = TokenFacts.Of(identity);
        return new ConnectionNotice(_connection, new ServerFrame { Ack = new Ack { RequestId = request.RequestId } });
    }

    private async ValueTask RequestAsync(ShardMessage message)
    {
        // A gateway that does not read its answers gets no further ones.
        await _connection.WhenDrainedAsync();
        await _connection.PausedAsync(
            message is ReadRequest request ? link.Shard.PostReadAsync(request) : link.Shard.PostLivenessAsync(message));
    }
}
