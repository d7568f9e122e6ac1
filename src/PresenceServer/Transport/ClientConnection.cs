using System.Buffers;
using System.Text;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// What the connections of all transports share: who is on it, the Welcome, and how it ends. The transport moves bytes; everything else of a session is
/// the shard's. Until the SessionUp is posted the reader writes; from then on only the shard's thread does.
/// </summary>
internal abstract class ClientConnection(ClientContext context) : ConnectionPort
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_scratch;

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _drained;

    protected ClientContext Context { get; } = context;

    /// <summary>Set once the Hello is accepted.</summary>
    public Hosted? Session { get; private set; }

    public CloseCode CloseCode { get; private set; }

    /// <summary>What a frame of this connection is preceded by.</summary>
    public abstract Framing Framing { get; }

    /// <summary>For operators; any thread, while the shard has not released it.</summary>
    public virtual ConnectionOrigin Origin => ConnectionOrigin.Http;

    /// <summary>Completes when the shard will not touch this connection any more.</summary>
    public Task WhenReleased => _released.Task;

    /// <summary>The time for a Hello is over; nothing when it has been said.</summary>
    public abstract void HandshakeIsOver();

    /// <summary>Drops the connection without another word.</summary>
    public abstract void Abort();

    /// <summary>Whether the peer does not read as fast as is written; any thread.</summary>
    public bool IsCongested => Volatile.Read(ref _drained) is not null;

    /// <summary>Becomes the connection of a session, or of a gateway link: the shard is told right after.</summary>
    public void Attach(Hosted session) => Session = session;

    /// <summary>A frame of this connection has been read.</summary>
    public void Touch() => Touch(Session!.Shard.EngineNow);

    /// <summary>Waits until the peer has read what was sent: a client that does not read is not read from. Completed when nothing is pending.</summary>
    public async ValueTask WhenDrainedAsync()
    {
        if (Volatile.Read(ref _drained) is { } drained)
        {
            ReaderPaused = true;
            await drained.Task;
            Resume();
        }
    }

    /// <summary>Waits for room in a lane of the shard's inbox; meanwhile nothing is read, and the session does not expire for it.</summary>
    public async ValueTask PausedAsync(ValueTask posting)
    {
        if (posting.IsCompletedSuccessfully)
        {
            return;
        }

        ReaderPaused = true;
        await posting;
        Resume();
    }

    protected override void WriteWelcome(in SessionWelcome welcome)
    {
        ArrayBufferWriter<byte> scratch = s_scratch ??= new ArrayBufferWriter<byte>(512);
        scratch.ResetWrittenCount();
        ServerFrames.Write(scratch, Session!.Greet(Context.Welcomes, welcome), Framing.LengthPrefix);
        Write(scratch.WrittenSpan, LengthPrefix.Size(scratch.WrittenCount));
    }

    protected override void Close(CloseCode code)
    {
        CloseCode = code;
        Session?.Left();
        Context.Closing.Add(this);
    }

    /// <summary>The reader's last act, whatever ended it: the shard holds the connection until it has heard this.</summary>
    protected async ValueTask LeaveAsync()
    {
        if (Session is { } session)
        {
            session.Left();
            await session.Shard.PostLostAsync(this);
            await WhenReleased;
        }
    }

    protected override void Released() => _released.TrySetResult();

    /// <summary>A flush stays pending: reading requests stops until <see cref="EndCongestion"/>.</summary>
    protected void BeginCongestion() =>
        Volatile.Write(ref _drained, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    protected async ValueTask EndCongestion()
    {
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
/// <param name="token">What the token said that a resume token must carry on.</param>
/// <param name="clientName">For admins.</param>
internal class Hosted(ShardHost shard, ulong userId, string deviceId, TokenFacts token, string clientName)
{
    public ShardHost Shard { get; } = shard;

    public ulong UserId { get; } = userId;

    public string DeviceId { get; } = deviceId;

    public TokenFacts Token { get; } = token;

    public string ClientName { get; } = clientName;

    /// <summary>The first frame that the shard writes.</summary>
    public virtual ServerFrame Greet(Welcomes welcomes, in SessionWelcome welcome) => new() { Welcome = welcomes.Compose(welcome, this) };

    /// <summary>The connection was told to leave, or is lost. Any thread, more than once; must not block.</summary>
    public virtual void Left()
    {
    }
}

/// <summary>The parts of a JWT that outlive it in a resume token.</summary>
internal sealed record TokenFacts(long IssuedAt, long ExpiresAt, string TokenId)
{
    public static TokenFacts Of(TokenIdentity identity) => new(
        identity.IssuedAt?.ToUnixTimeSeconds() ?? 0, identity.ExpiresAt.ToUnixTimeSeconds(), identity.TokenId ?? "");

    public static TokenFacts Of(in ResumeClaims claims) => new(claims.IssuedAt, claims.ExpiresAt, Encoding.UTF8.GetString(claims.TokenId));
}
