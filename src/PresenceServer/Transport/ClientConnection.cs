using System.Buffers;
using System.Text;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// What the connections of all transports share: who is on it, the Welcome, and how it ends. The transport moves bytes; everything else of a session is
/// the shard's. Until the SessionUp is posted the reader writes; from then on only the shard's thread does.
/// </summary>
internal abstract class ClientConnection(ClientContext context) : ConnectionPort, IExpected
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_scratch;

    // Made when there is something to wait for: connections are many, and most do neither most of the time.
    private TaskCompletionSource? _released;
    private TaskCompletionSource? _drained;
    private Deadline? _deadline;

    protected ClientContext Context { get; } = context;

    /// <summary>Set once the Hello is accepted.</summary>
    public Hosted? Session { get; private set; }

    public CloseCode CloseCode { get; private set; }

    /// <summary>What a frame of this connection is preceded by.</summary>
    public abstract Framing Framing { get; }

    /// <summary>For operators; any thread, while the shard has not released it.</summary>
    public virtual ConnectionOrigin Origin => ConnectionOrigin.Http;

    /// <summary>What it is counted as.</summary>
    public abstract Carrier Carrier { get; }

    /// <summary>Its handshake was one of TLS.</summary>
    public bool IsTls => Carrier == Carrier.Tls;

    /// <summary>The time for a Hello is over; nothing when it has been said.</summary>
    public abstract void HandshakeIsOver();

    /// <summary>Drops the connection without another word.</summary>
    public abstract void Abort();

    /// <summary>Whether the peer does not read as fast as is written; any thread.</summary>
    public bool IsCongested => Draining is not null;

    /// <summary>Completes when the flush that is pending is done; null when none is.</summary>
    protected Task? Draining => Volatile.Read(ref _drained)?.Task;

    /// <summary>Becomes the connection of a session, or of a gateway link: the shard is told right after.</summary>
    public void Attach(Hosted session) => Session = session;

    /// <summary>
    /// From here on the session's shard writes: what reads goes to the shard's own thread where the transport can. Before the shard is told.
    /// </summary>
    public virtual ValueTask FollowShardAsync() => default;

    /// <summary>A frame of this connection has been read.</summary>
    public void Touch() => Touch(Session!.Shard.StampNow);

    /// <summary>Waits until the peer has read what was sent: a client that does not read is not read from. Completed when nothing is pending.</summary>
    public async ValueTask WhenDrainedAsync()
    {
        if (Draining is { } draining)
        {
            ReaderPaused = true;
            await draining;
            Resume();
        }
    }

    /// <summary>Waits for room in a lane of the shard's inbox; meanwhile nothing is read, and the session does not expire for it.</summary>
    public ValueTask PausedAsync(ValueTask posting) => posting.IsCompletedSuccessfully ? default : PauseForAsync(posting);

    protected override void WriteWelcome(in SessionWelcome welcome)
    {
        ArrayBufferWriter<byte> scratch = s_scratch ??= new ArrayBufferWriter<byte>(512);
        scratch.ResetWrittenCount();
        ServerFrame greeting = Session!.Greet(Context.Welcomes, welcome);
        ServerFrames.Write(scratch, greeting, Framing.LengthPrefix);
        Session.Token = null;
        Write(scratch.WrittenSpan, LengthPrefix.Size(greeting.CalculateSize()));
    }

    protected override void Close(CloseCode code)
    {
        CloseCode = code;
        Session?.Left();
        ExpectIn(Context.Closing);
    }

    /// <summary>Waits in a queue from now on, and in no other.</summary>
    protected void ExpectIn(DeadlineQueue queue)
    {
        ExpectNothing();
        _deadline = queue.Add(this);
    }

    /// <summary>Waits from now on in the place of whom it was before; is too late when there is none any more.</summary>
    protected void ExpectIn(Deadline place)
    {
        _deadline = place;
        if (!place.PassTo(this))
        {
            HandshakeIsOver();
        }
    }

    /// <summary>No deadline is meant for it any more: said of what has ended, so that no queue holds it.</summary>
    public void ExpectNothing()
    {
        _deadline?.Take();
        _deadline = null;
    }

    /// <summary>The reader's last act, whatever ended it: the shard holds the connection until it has heard this.</summary>
    protected async ValueTask LeaveAsync()
    {
        if (Session is { } session)
        {
            session.Left();
            _released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await session.Shard.PostLostAsync(this);
            await _released.Task;
        }
    }

    protected override void Released() => _released!.SetResult();

    /// <summary>Makes a connection whose flush stays pending congested until it is done: no requests of it are read meanwhile.</summary>
    /// <param name="flush">Never fails.</param>
    /// <returns>As <see cref="ConnectionPort.Flush"/>.</returns>
    protected bool Settle(ValueTask flush)
    {
        if (flush.IsCompletedSuccessfully)
        {
            return true;
        }

        Volatile.Write(ref _drained, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _ = DrainAsync(flush);
        return false;
    }

    private async ValueTask PauseForAsync(ValueTask posting)
    {
        ReaderPaused = true;
        await posting;
        Resume();
    }

    private async Task DrainAsync(ValueTask flush)
    {
        await flush;
        Interlocked.Exchange(ref _drained, null)?.TrySetResult();
        await Session!.Shard.PostDrainedAsync(this);
    }

    private void Resume()
    {
        Touch();
        ReaderPaused = false;
    }
}

/// <summary>How and from where a peer is connected.</summary>
/// <param name="Transport">tcp, tls, websocket or http.</param>
/// <param name="Remote">Address and port; empty when not known.</param>
internal readonly record struct ConnectionOrigin(string Transport, string Remote)
{
    public static readonly ConnectionOrigin Http = new("http", "");
}

/// <summary>Whose connection it is.</summary>
/// <param name="shard">The shard that carries the user's sessions.</param>
/// <param name="userId">The token's <c>sub</c>.</param>
/// <param name="deviceId">As the client named it.</param>
/// <param name="clientName">For admins.</param>
internal class Hosted(ShardHost shard, ulong userId, string deviceId, TokenFacts token, string clientName)
{
    public ShardHost Shard { get; } = shard;

    public ulong UserId { get; } = userId;

    public string DeviceId { get; } = deviceId;

    /// <summary>What the token said that a resume token must carry on; null once the Welcome has it.</summary>
    public TokenFacts? Token { get; set; } = token;

    public string ClientName { get; } = clientName;

    /// <summary>The first frame that the shard writes.</summary>
    public virtual ServerFrame Greet(Welcomes welcomes, in SessionWelcome welcome) => new() { Welcome = welcomes.Compose(welcome, this) };

    /// <summary>The connection was told to leave, or is lost. Any thread, more than once; must not block.</summary>
    public virtual void Left()
    {
    }
}

/// <summary>The parts of a JWT that outlive it in a resume token.</summary>
/// <param name="UserId">Its <c>sub</c>.</param>
/// <param name="IssuedAt">Unix seconds, 0 without.</param>
/// <param name="ExpiresAt">Unix seconds.</param>
/// <param name="TokenId">Empty without.</param>
/// <param name="Mark">What revocations find it by.</param>
internal sealed record TokenFacts(ulong UserId, long IssuedAt, long ExpiresAt, string TokenId, TokenMark Mark)
{
    public static TokenFacts Of(TokenIdentity identity) => new(
        identity.UserId, identity.IssuedAt?.ToUnixTimeSeconds() ?? 0, identity.ExpiresAt.ToUnixTimeSeconds(), identity.TokenId ?? "", identity.Mark);

    public static TokenFacts Of(in ResumeClaims claims, TokenMark mark) =>
        new(claims.UserId, claims.IssuedAt, claims.ExpiresAt, Encoding.UTF8.GetString(claims.TokenId), mark);
}
