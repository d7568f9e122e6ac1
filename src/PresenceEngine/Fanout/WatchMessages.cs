using Presence.Protocol;

namespace Presence.Engine;

/// <summary>Tell this connection about these users.</summary>
/// <param name="connection">The watcher.</param>
/// <param name="requestId">Echoed in the answer.</param>
/// <param name="userIds">Valid ids, at most the limit of a request.</param>
/// <param name="versions">Empty, or one for each id: what the client holds, 0 for nothing.</param>
public sealed class WatchRequest(ConnectionPort connection, ulong requestId, ulong[] userIds, ulong[] versions) : ReadRequest(userIds)
{
    public ulong RequestId => requestId;

    internal override ConnectionPort? From => connection;

    internal override void Apply(Shard shard) => shard.Watching.Watch(connection, requestId, UserIds, versions);
}

public sealed class UnwatchRequest(ConnectionPort connection, ulong requestId, ulong[] userIds) : ReadRequest(userIds)
{
    internal override ConnectionPort? From => connection;

    internal override void Apply(Shard shard) => shard.Watching.Unwatch(connection, requestId, UserIds);
}

/// <summary>Ask once.</summary>
public sealed class QueryRequest(ConnectionPort connection, ulong requestId, ulong[] userIds) : ReadRequest(userIds)
{
    public ulong RequestId => requestId;

    internal override ConnectionPort? From => connection;

    internal override void Apply(Shard shard) => shard.Watching.Query(connection, requestId, UserIds);
}

/// <summary>A question from outside any connection (HTTP, admin).</summary>
/// <param name="userIds">Valid ids, at most the limit of a request.</param>
/// <param name="asker">Who asks, at the shard of that user's sessions: is told the truth about itself when it is invisible. 0: nobody.</param>
public abstract class PresenceQuestion(ulong[] userIds, ulong asker = 0) : ReadRequest(userIds)
{
    internal ulong Asker { get; } = asker;

    /// <summary>One state for each id, in order. Called on the shard's thread, exactly once; must not block or keep the span.</summary>
    protected internal abstract void Answered(ReadOnlySpan<PresenceState> states);

    /// <summary>Another node asks, as the edge that it is: only users whose home is here are known to it better than to itself.</summary>
    internal virtual bool IsForHomesHere => false;

    /// <summary>As <see cref="PendingAnswer.Told"/>.</summary>
    internal virtual PresenceState[]? Told => null;

    /// <summary>Of such a question: all is answered, as it is.</summary>
    internal virtual void Complete(PendingAnswer pending) => throw new NotSupportedException();

    internal override void Apply(Shard shard) => shard.Watching.Ask(this);
}

public abstract class ReadRequest(ulong[] userIds) : ShardMessage
{
    internal ulong[] UserIds { get; } = userIds;

    /// <summary>Whom it is about.</summary>
    public ReadOnlyMemory<ulong> AskedIds => UserIds;

    /// <summary>Who asks may not see these: they are answered as users who were never seen, for ever. Before it is posted.</summary>
    public void Hide(IReadOnlySet<ulong> hidden)
    {
        foreach (ref ulong userId in UserIds.AsSpan())
        {
            userId = hidden.Contains(userId) ? Alias.Of(userId) : userId;
        }
    }

    /// <summary>The connection that asks; null from outside any.</summary>
    internal virtual ConnectionPort? From => null;
}
