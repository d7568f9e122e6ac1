namespace Presence.Engine;

/// <summary>
/// What a gateway link says to one shard about its set of users. Posted to the liveness lane; messages of one gateway are applied in the
/// order in which they were posted, in slices over turns, and nobody else's message waits behind them.
/// </summary>
public abstract class LinkMessage : ShardMessage
{
    /// <summary>Ordinal of the gateway.</summary>
    internal abstract int Of { get; }

    internal sealed override void Apply(Shard shard) => shard.Links.Enqueue(this);

    /// <summary>Goes on with it.</summary>
    /// <param name="shard">Where.</param>
    /// <param name="link">The link of <see cref="Of"/>.</param>
    /// <param name="budget">What the turn has left, in beats; taken from.</param>
    /// <returns>True when all of it has been applied.</returns>
    internal abstract bool Advance(Shard shard, GatewayLink link, ref int budget);
}

/// <summary>A link is open. Posted to every shard, before any batch of the link.</summary>
/// <param name="gateway">Ordinal of the gateway, 0 … <see cref="ShardOptions.MaxGateways"/> − 1; the same gateway keeps its own as long as
/// it has users.</param>
/// <param name="deviceKey">Device key of everybody on the link; no client's device can have it.</param>
/// <param name="resumed">True: the set stands. False: the whole set is named anew; until <see cref="LinkCompletes"/> nobody of it
/// expires.</param>
public class LinkBegins(int gateway, ulong deviceKey, bool resumed) : LinkMessage
{
    /// <summary>
    /// The link's connection: while its <see cref="ConnectionPort.ReaderPaused"/> is true nobody on the link expires, on any shard. Null:
    /// the host never pauses it.
    /// </summary>
    public ConnectionPort? Connection { get; init; }

    /// <summary>Hears of users of the link who were refused, until it begins again. Null: the host does not tell its gateway.</summary>
    public ILinkRefusals? Refusals { get; init; }

    internal override int Of => gateway;

    /// <summary>Applied. On the shard's thread, exactly once; must neither block nor throw.</summary>
    /// <param name="stood">False: it was to resume a set whose hold is over here, and nothing was done; let the link begin anew, on all shards.</param>
    protected internal virtual void Began(bool stood)
    {
    }

    internal override bool Advance(Shard shard, GatewayLink link, ref int budget)
    {
        if (!resumed && !link.MayBegin)
        {
            return false;
        }

        Began(link.TryBegin(deviceKey, resumed, Connection, Refusals));
        return true;
    }
}

/// <summary>A link was lost, or left. Posted to every shard, behind all batches of the link.</summary>
/// <param name="gateway">Ordinal of the gateway.</param>
/// <param name="goodbye">True: its users are down now. False: they are held for h.</param>
public sealed class LinkEnds(int gateway, bool goodbye) : LinkMessage
{
    internal override int Of => gateway;

    internal override bool Advance(Shard shard, GatewayLink link, ref int budget)
    {
        link.End(goodbye);
        return true;
    }
}

/// <summary>
/// The gateway has named its whole set: who was not named since <see cref="LinkBegins"/> is gone. Posted to every shard, behind all batches
/// before it.
/// </summary>
/// <param name="gateway">Ordinal of the gateway.</param>
public sealed class LinkCompletes(int gateway) : LinkMessage
{
    internal override int Of => gateway;

    internal override bool Advance(Shard shard, GatewayLink link, ref int budget)
    {
        link.Complete();
        return true;
    }
}
