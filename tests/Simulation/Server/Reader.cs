using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// The reading half of a connection at the server: takes what has arrived when its thread may, stamps it, and posts it to the shard. It does not read while the
/// shard has no room for what it read, nor a request while its client does not read answers.
/// </summary>
internal sealed class Reader(ServerConnection connection, World world, Node node)
{
    private const int RefusalBytes = 60;

    private readonly Queue<ClientSays> _arrived = new();
    private readonly Queue<Func<bool>> _posts = new();
    private bool _waitsForDrain;
    private bool _hasEnded;

    private ShardThread? Thread => connection.Thread;

    private bool MayRead => !_hasEnded && _posts.Count == 0 && !_waitsForDrain && !connection.IsDead && node.MayRead(Thread);

    public void Arrive(ClientSays says)
    {
        _arrived.Enqueue(says);
        Read();
    }

    /// <summary>Reads what there is, as far as it may.</summary>
    public void Read()
    {
        while (MayRead && _arrived.TryPeek(out ClientSays? says))
        {
            if (connection.IsFlushing && says is HelloSays or StatusSays or WatchSays or UnwatchSays or QuerySays or RefreshSays)
            {
                // A client that does not read its answers gets no further ones started.
                connection.ReaderPaused = _waitsForDrain = true;
                return;
            }

            _arrived.Dequeue();
            world.Trace.Note(connection.Truth.User?.Id ?? 0, $"{connection.Truth.Device?.Key} says {says}");
            Handle(says);
        }
    }

    /// <summary>The client has read what was pending.</summary>
    public void Drained()
    {
        if (_waitsForDrain)
        {
            _waitsForDrain = false;
            Resume();
        }

        Read();
    }

    /// <summary>The reader's last act.</summary>
    public void End()
    {
        if (!_hasEnded && !connection.IsDead)
        {
            _hasEnded = true;
            Post(() => Thread!.TryPostLost(connection), pauses: false);
        }
    }

    /// <summary>Its time to say Hello is over.</summary>
    public void GiveUpHandshake()
    {
        if (Thread is null && !_hasEnded && !connection.IsDead)
        {
            _hasEnded = true;
            node.Forget(connection);
            connection.Wire.ResetByServer();
        }
    }

    private void Handle(ClientSays says)
    {
        if (Thread is null)
        {
            Handshake(says);
            return;
        }

        if (says is EndSays)
        {
            End();
            return;
        }

        connection.Touch();
        switch (says)
        {
            case BeatSays { Flags: HeartbeatFlags.None }:
                break;
            case BeatSays beat:
                Post(() => Thread.TryPostBeat(connection, beat.Flags));
                break;
            case GoodbyeSays:
                Post(() => Thread.TryPostGoodbye(connection), pauses: false);
                End();
                break;
            default:
                Request(says);
                break;
        }
    }

    private void Handshake(ClientSays says)
    {
        if (says is not HelloSays hello)
        {
            EndHandshake(says);
            return;
        }

        ShardThread thread = node.ThreadOf(hello.UserId);
        if (node.Admission.Enter(hello.DeviceKey) is > 0 and var slotMs)
        {
            Defer(thread, hello, slotMs);
            return;
        }

        connection.Join(thread);
        connection.Truth.UserId = hello.UserId;
        connection.Touch();
        var up = new SessionUp(connection, hello.UserId, hello.DeviceKey)
        {
            Kind = hello.Kind,
            InitialStatus = hello.InitialStatus,
            ReportsActivity = hello.ReportsActivity,
            PresentedSession = hello.PresentedSession,
            TokenExpiresMs = hello.TokenExpiresMs,
            Token = hello.Token,
        };
        Post(() => thread.TryPost(up, new CameUp(connection, hello)), pauses: false);
    }

    private void EndHandshake(ClientSays says)
    {
        if (says is EndSays)
        {
            // It has gone before it said who it is.
            _hasEnded = true;
            node.Forget(connection);
        }
        else
        {
            Refuse(new Error { Code = ErrorCode.OutOfOrder }, CloseCode.Refused);
        }
    }

    // Who was here before is held until its slot; of anybody else the shard hears nothing.
    private void Defer(ShardThread thread, HelloSays hello, uint slotMs)
    {
        if (hello.PresentedSession != 0)
        {
            var deferred = new SessionDeferred(hello.UserId, hello.DeviceKey) { SlotMs = slotMs, Stamp = thread.Shard.Clock.At(world.Agenda.Now) };
            thread.Post(deferred, new WasDeferred(deferred, world.Agenda.Now));
            world.Truth.Slots.Told(slotMs);
        }

        Refuse(new Error { Code = ErrorCode.Overloaded, ReconnectAfterMs = slotMs }, CloseCode.Overloaded);
    }

    private void Refuse(Error error, CloseCode code)
    {
        _hasEnded = true;
        node.Forget(connection);
        connection.Wire.SendDown(new ServerFrame { Error = error }, RefusalBytes);
        connection.Wire.SendDown(new ServerFrame { GoAway = new GoAway { CloseCode = code } }, RefusalBytes);
        connection.Wire.ResetByServer();
    }

    private void Request(ClientSays says)
    {
        switch (says)
        {
            case StatusSays status:
                var change = new SetStatusRequest(connection, status.RequestId, status.Status, status.Text);
                Post(status.RequestId, () => Thread!.TryPost(change, new StatusSaid(connection, status)));
                break;
            case RefreshSays refresh:
                var refreshed = new TokenRefreshed(connection, refresh.RequestId, refresh.TokenExpiresMs, refresh.Token);
                Post(refresh.RequestId, () => Thread!.TryPost(refreshed, new TokenIsNew(connection, refresh)));
                break;
            case WatchSays watch:
                Post(watch.RequestId, () => Thread!.TryPostRead(new WatchRequest(connection, watch.RequestId, watch.UserIds, watch.Versions)));
                connection.Truth.View.Watch(watch);
                break;
            case UnwatchSays unwatch:
                connection.Truth.View.Unwatch(unwatch.UserIds);
                Post(unwatch.RequestId, () => Thread!.TryPostRead(new UnwatchRequest(connection, unwatch.RequestId, unwatch.UserIds)));
                break;
            case QuerySays query:
                Post(query.RequestId, () => Thread!.TryPostRead(new QueryRequest(connection, query.RequestId, query.UserIds)));
                break;
            case HelloSays:
                var fault = new RequestFault(connection, new Error { Code = ErrorCode.OutOfOrder });
                Post(() => Thread!.TryPost(fault, new HasErred()));
                connection.Truth.View.Errs();
                break;
            default:
                throw new InvalidOperationException($"A live session does not say {says}.");
        }
    }

    // A request is open from when the shard has it.
    private void Post(ulong requestId, Func<bool> post) => Post(() =>
    {
        bool posted = post();
        if (posted)
        {
            connection.Truth.View.Ask(requestId, world.Agenda.Now);
        }

        return posted;
    });

    // Posts in order: what finds the lane full waits for the shard's next turn, and nothing is read meanwhile.
    private void Post(Func<bool> post, bool pauses = true)
    {
        if (_posts.Count == 0 && post())
        {
            return;
        }

        connection.ReaderPaused |= pauses;
        _posts.Enqueue(post);
        if (_posts.Count == 1)
        {
            Thread!.AfterTurn(PostAgain);
        }
    }

    private void PostAgain()
    {
        if (connection.IsDead)
        {
            return;
        }

        while (_posts.TryPeek(out Func<bool>? post) && post())
        {
            _posts.Dequeue();
        }

        if (_posts.Count > 0)
        {
            Thread!.AfterTurn(PostAgain);
            return;
        }

        if (connection.ReaderPaused && !_waitsForDrain)
        {
            Resume();
        }

        Read();
    }

    private void Resume()
    {
        connection.Touch();
        connection.ReaderPaused = false;
    }
}
