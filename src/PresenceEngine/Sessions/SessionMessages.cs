using Presence.Protocol;
using Presence.V1;

namespace Presence.Engine;

/// <summary>A Hello whose token has been accepted. From here on only the shard writes to the connection.</summary>
public sealed class SessionUp(ConnectionPort connection, ulong userId, ulong deviceKey) : ShardMessage
{
    public ConnectionPort Connection { get; } = connection;

    public ulong UserId { get; } = userId;

    /// <summary>Keyed hash of the device id; not 0.</summary>
    public ulong DeviceKey { get; } = deviceKey;

    public DeviceKinds Kind { get; init; }

    /// <summary>ONLINE, AWAY, BUSY, OFFLINE for an observer; unspecified: as before when the device is still known, else ONLINE.</summary>
    public Status InitialStatus { get; init; }

    /// <summary>The user is invisible from now on, before anybody sees this device come.</summary>
    public bool Hidden { get; init; }

    public bool ReportsActivity { get; init; }

    /// <summary>Opened over HTTP.</summary>
    public bool Http { get; init; }

    /// <summary>The session id in the resume token, 0 without one.</summary>
    public ulong PresentedSession { get; init; }

    /// <summary>Unix ms at which the token ends.</summary>
    public long TokenExpiresMs { get; init; }

    /// <summary>By which the token can be revoked.</summary>
    public TokenMark Token { get; init; }

    internal override void Apply(Shard shard) => shard.Edge.Up(this);
}

/// <summary>A fault of the client that ends its connection: says what was wrong, then closes.</summary>
public sealed class ConnectionFault(ConnectionPort connection, Error error, CloseCode code) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Edge.Reject(connection, error, code);
}

/// <summary>A fault of the client that its connection survives.</summary>
public sealed class RequestFault(ConnectionPort connection, Error error) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Edge.Complain(connection, error);
}

/// <summary>
/// A Hello with a valid resume token for which the node has no time now: its client was told to come back at its slot.
/// </summary>
/// <param name="userId">As in <see cref="SessionUp"/>.</param>
/// <param name="deviceKey">As in <see cref="SessionUp"/>.</param>
public sealed class SessionDeferred(ulong userId, ulong deviceKey) : ShardMessage
{
    public ulong UserId { get; } = userId;

    public ulong DeviceKey { get; } = deviceKey;

    /// <summary>When it is to come back, from now on.</summary>
    public required long SlotMs { get; init; }

    /// <summary>Of when it was read.</summary>
    public required long Stamp { get; init; }

    internal override void Apply(Shard shard) => shard.Deferrals.Hold(this);
}

/// <summary>The node stops: closes every connection of the shard; the sessions are held and from now on nobody expires.</summary>
public sealed class NodeStops(CloseCode code) : ShardMessage
{
    public CloseCode Code { get; } = code;

    /// <summary>Each connection is told to come back at its own slot within this time; 0: without a slot.</summary>
    public long DrainMs { get; init; }

    /// <summary>Called once, on the shard's thread, when the last connection has gone; must not block.</summary>
    public Action? AllLeft { get; init; }

    internal override void Apply(Shard shard) => shard.Draining.Begin(this);
}

/// <summary>Every connection is told to leave and when to come back, to another node if it can: this one goes on, and its sessions are held as after a loss.</summary>
/// <param name="code">One with which clients come back.</param>
/// <param name="withinMs">Each comes at its own slot within this time.</param>
public sealed class EverybodyLeaves(CloseCode code, long withinMs) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Draining.SendAway(code, withinMs);
}

/// <summary>The node accepts connections from now on: who is recovering has d + 4δ to come back.</summary>
public sealed class AcceptingBegins : ShardMessage
{
    /// <summary>The process before has given slots, and h beyond the last of them is so far from now; less than d + 4δ counts for nothing.</summary>
    public long HeldForMs { get; init; }

    internal override void Apply(Shard shard) => shard.BeginAccepting(HeldForMs);
}

/// <summary>Says when the store has told what it keeps of everybody in memory: nobody of them waits for a record any more.</summary>
/// <param name="known">Called once, on the shard's thread; must not block.</param>
public sealed class EverybodyKnown(Action known) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.WhenEverybodyIsKnown(known);
}

/// <summary>A new token for the same user on a live session.</summary>
public sealed class TokenRefreshed(ConnectionPort connection, ulong requestId, long expiresMs, TokenMark token = default) : ShardMessage
{
    internal override void Apply(Shard shard) => shard.Edge.RefreshToken(connection, requestId, expiresMs, token);
}

/// <summary>Somebody set a status on purpose; answered exactly once: when it, or a newer one that has taken its place, is applied and durable.</summary>
public abstract class StatusChange(Status status, byte[]? text) : ShardMessage
{
    private bool _isJudged;

    public Status Status { get; } = status;

    /// <summary>UTF-8, within its limit.</summary>
    public byte[]? Text { get; } = text;

    internal abstract ulong UserId { get; }

    internal abstract ulong DeviceKey { get; }

    /// <summary>
    /// It says again what its device has been saying: no choice of the user, so it does not end INVISIBLE. Known from when the home takes it: by the time it is
    /// applied its device may be gone, or another one of that key.
    /// </summary>
    internal bool IsRepetition { get; private set; }

    /// <summary>Stamp of the frame that said it, or of one behind it; -1 when it is not known.</summary>
    internal virtual long HeardAt => -1;

    /// <summary>Says whether it <see cref="IsRepetition"/>. The first word counts: by the next its device has asked for this.</summary>
    internal void Judge(bool isRepetition)
    {
        IsRepetition = _isJudged ? IsRepetition : isRepetition;
        _isJudged = true;
    }

    /// <param name="asked">What the device has asked for last: ONLINE, AWAY, BUSY, or UNSPECIFIED for nothing that shows.</param>
    internal virtual bool Repeats(Status asked) => false;

    /// <param name="outbox">Where an answer on the wire goes.</param>
    /// <param name="visible">What is shown of the user now.</param>
    internal abstract void Applied(Outbox outbox, in PresenceState visible);

    /// <summary>It waits until its user's rate allows it.</summary>
    internal virtual void Waits()
    {
    }

    /// <summary>Too many changes of this user wait for the store; nothing was done of this one.</summary>
    internal abstract void Refused(Outbox outbox, int allowed);

    /// <summary>Its device has no place beside those that its user has at other nodes; nothing was done.</summary>
    internal virtual void NoPlace(Outbox outbox, int allowed) => NotDurable(outbox);

    /// <summary>The home of its user has no room for another; nothing was done.</summary>
    internal virtual void NoRoom(Outbox outbox, int allowed) => NotDurable(outbox);

    /// <summary>Applied and shown, but a crash may lose it: the journal could not take it.</summary>
    internal abstract void NotDurable(Outbox outbox);

    /// <summary>The home of its user is another node by now; nothing was done of it, or only what the devices say to that.</summary>
    internal virtual void NotHome(Shard shard) => shard.Homes.SetStatus(this);
}

/// <summary>SetStatus of a session.</summary>
public sealed class SetStatusRequest(ConnectionPort connection, ulong requestId, Status status, byte[]? text) : StatusChange(status, text)
{
    /// <summary>A part of the Hello, as on an event stream: when the device came back as it was, it is no choice.</summary>
    public bool IsOfHello { get; init; }

    internal ConnectionPort Connection { get; } = connection;

    internal ulong RequestId => requestId;

    internal override ulong UserId => Connection.UserId;

    internal override ulong DeviceKey => Key;

    // Looked up by the edge before it hands the change to the home.
    internal ulong Key { get; set; }

    internal override long HeardAt => IsOfHello ? -1 : Connection.LastFrameMs;

    internal override bool Repeats(Status asked) => IsOfHello && Connection.Has(ConnectionFlags.CameBackAsBefore);

    internal override void Apply(Shard shard) => shard.Edge.SetStatus(this);

    internal override void Applied(Outbox outbox, in PresenceState visible) => outbox.Ack(Connection, requestId, visible.Version);

    internal override void Refused(Outbox outbox, int allowed) => outbox.Error(Connection, Errors.Limit(requestId, LimitNames.StatusChanges, allowed));

    internal override void NoPlace(Outbox outbox, int allowed) => outbox.Error(Connection, Errors.Limit(requestId, LimitNames.Devices, allowed));

    internal override void NoRoom(Outbox outbox, int allowed) => outbox.Error(Connection, Errors.Limit(requestId, ShardOptions.Users, allowed));

    internal override void NotDurable(Outbox outbox) => outbox.Error(Connection, Errors.NotDurable(requestId));
}

/// <summary>
/// A status over HTTP: a lease of d + 2δ on a device without a connection, renewed by repeating it, which is no choice. OFFLINE ends the user's HTTP devices;
/// INVISIBLE is the user's.
/// </summary>
public abstract class LeaseRequest(ulong userId, ulong deviceKey, Status status, byte[]? text) : StatusChange(status, text)
{
    internal override ulong UserId => userId;

    internal override ulong DeviceKey => deviceKey;

    /// <summary>By which the caller's token can be revoked, and the lease with it; null for an operator, whose lease ends by itself.</summary>
    public TokenMark? Token { get; init; }

    /// <summary>Applied. Called on the shard's thread, exactly once unless refused; must not block.</summary>
    protected abstract void Completed(in PresenceState visible);

    /// <summary>A limit was reached and nothing was done. Called like <see cref="Completed"/>.</summary>
    /// <param name="limit">Its name.</param>
    /// <param name="allowed">Its value.</param>
    protected internal abstract void Refused(string limit, int allowed);

    /// <summary>Applied and shown, but a crash may lose it. Called like <see cref="Completed"/>.</summary>
    protected internal abstract void NotDurable();

    /// <summary>The token was revoked on the way; nothing was done. Called like <see cref="Completed"/>.</summary>
    protected internal abstract void Revoked();

    internal override bool Repeats(Status asked) => asked == Status;

    internal override void Apply(Shard shard) => shard.Leases.Renew(this);

    internal override void Applied(Outbox outbox, in PresenceState visible) => Completed(visible);

    internal override void Refused(Outbox outbox, int allowed)
    {
        outbox.Counters.Limits.Hit(LimitNames.StatusChanges);
        Refused(LimitNames.StatusChanges, allowed);
    }

    internal override void NoPlace(Outbox outbox, int allowed)
    {
        outbox.Counters.Limits.Hit(LimitNames.Devices);
        Refused(LimitNames.Devices, allowed);
    }

    internal override void NoRoom(Outbox outbox, int allowed)
    {
        outbox.Counters.Sheds.Add(ShedClass.Sessions);
        outbox.Counters.Limits.Hit(ShardOptions.Users);
        Refused(ShardOptions.Users, allowed);
    }

    internal override void NotDurable(Outbox outbox) => NotDurable();
}
