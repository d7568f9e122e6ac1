using System.Diagnostics.CodeAnalysis;
using Presence.Engine;
using Presence.Protocol;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Transport.Links;

/// <summary>
/// A gateway as the node knows it, over all its connections: where its seq stands, which connection speaks for it, and the order in which the shards hear of
/// it. Everything that goes to all shards goes in turns, one at a time and whole, so that every shard sees the same frames in the same order whichever
/// connection brought them; a turn waits for room in the shards' lanes, never for their work.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle holds nothing.")]
internal sealed class Gateway(string id, int ordinal, LinkContext context)
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ulong _key = context.Shards.GatewayKey(id);
    private Link? _link;
    private ulong _lastSeq;

    // There is a set that can be come back to: it was begun, and not ended by a Goodbye.
    private bool _stands;
    private long _resyncUntilMs;
    private int _opening;
    private volatile bool _owesAck;

    // All shards have been told of its Goodbye, and no connection has come since.
    private volatile bool _hasLeft;

    public string Id => id;

    public int Ordinal => ordinal;

    /// <summary>Its users' devices are known by this.</summary>
    public ulong DeviceKey => _key;

    public GatewayCounts Counts { get; } = new();

    public RefusedUsers Refused { get; } = new();

    public LinkCredit Credit { get; } = new(context.UnappliedUsers);

    /// <summary>Users in beats a second.</summary>
    public LinkRate BeatRate { get; } = new();

    /// <summary>The connection that speaks for it; null while the set is held.</summary>
    public Link? Link => Volatile.Read(ref _link);

    /// <summary>Of the last frame that was taken.</summary>
    public ulong LastSeq => Volatile.Read(ref _lastSeq);

    /// <summary>Since when there is no connection, on the monotonic clock.</summary>
    public long HeldSinceMs { get; private set; }

    /// <summary>Address and port of its newest connection.</summary>
    public string LastRemote { get; private set; } = "";

    /// <summary>What was taken since the gateway was last told, or a repeat has to be told again.</summary>
    public bool OwesAck
    {
        get => _owesAck;
        set => _owesAck = value;
    }

    /// <summary>The set is being named anew.</summary>
    public bool IsResyncing => context.Clock.MonoMs < Volatile.Read(ref _resyncUntilMs);

    /// <summary>Users who are up on it, on all shards.</summary>
    public long Users => context.Shards.All.Sum(shard => shard.Counters.LinkSessions[ordinal]);

    /// <summary>
    /// No connection, none on its way, nobody left in any shard, and nothing to come back to: it said Goodbye, or its hold is over. Another gateway may have its
    /// place.
    /// </summary>
    public bool IsGone =>
        Link is null
        && Volatile.Read(ref _opening) == 0
        && (_hasLeft || context.Clock.MonoMs - HeldSinceMs > context.HoldMs)
        && Credit.Unapplied == 0
        && Users == 0;

    /// <summary>The shards give a naming the time in which its link is not read, so what is left of it is longer by that.</summary>
    public void LengthenNaming(long byMs)
    {
        if (IsResyncing)
        {
            Interlocked.Add(ref _resyncUntilMs, byMs);
        }
    }

    /// <summary>A connection is about to open: it is not forgotten meanwhile. Ended by <see cref="OpenAsync"/>.</summary>
    public void Expect() => Interlocked.Increment(ref _opening);

    /// <summary>Makes a connection the one that speaks for the gateway; an older one is told that it was replaced. The shards then say Welcome.</summary>
    public async ValueTask OpenAsync(Link link)
    {
        await _turn.WaitAsync();
        try
        {
            // From here on the older connection, if there is one, speaks for nobody; the shards tell it so when the newer is attached.
            _hasLeft = false;
            Volatile.Write(ref _link, link);
            LastRemote = link.Remote;
            link.Resumed = !link.StartsAnew && _stands && await BeginAsync(link, resumed: true);
            if (!link.Resumed)
            {
                await BeginAsync(link, resumed: false);
                Volatile.Write(ref _lastSeq, 0);
            }

            link.ResumedSeq = _lastSeq;
            link.CompleteWithinMs = BeginResync(context.Clock.MonoMs, anew: !link.Resumed);
            _stands = true;
            await link.Shard.PostLivenessAsync(new LinkAttached(link.Connection, ordinal));
            link.IsOpen = true;
            context.Logger.LinkOpened(id, link.Remote, link.Resumed);
        }
        finally
        {
            Interlocked.Decrement(ref _opening);
            _turn.Release();
        }
    }

    /// <summary>Takes a frame in its turn, and its array.</summary>
    /// <param name="link">On which it came.</param>
    /// <param name="frame">What it says.</param>
    /// <param name="presentOnly">Who is not in memory is refused and told of.</param>
    /// <returns>Why it was refused; null when it was taken, or was before.</returns>
    public async ValueTask<Error?> TakeAsync(Link link, SessionsFrame frame, bool presentOnly)
    {
        await _turn.WaitAsync();
        try
        {
            bool isNext = IsNext(link, frame.Seq, out Error? error);
            error = isNext ? context.Rules.Check(frame) : error;
            if (!isNext || error is not null)
            {
                frame.Return();
                return Refuse(error, frame.Seq);
            }

            await PostAsync(frame, presentOnly);
            Taken(frame.Seq);
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The whole set has been named.</summary>
    /// <returns>As <see cref="TakeAsync"/>.</returns>
    public async ValueTask<Error?> CompleteAsync(Link link, ulong seq)
    {
        await _turn.WaitAsync();
        try
        {
            if (!IsNext(link, seq, out Error? error))
            {
                return Refuse(error, seq);
            }

            await PostToAllAsync(() => new LinkCompletes(ordinal));
            Volatile.Write(ref _resyncUntilMs, 0);
            Taken(seq);
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The gateway leaves on purpose: its users are down.</summary>
    public ValueTask GoodbyeAsync(Link link) => EndAsync(link, goodbye: true);

    /// <summary>The connection is lost or was told to leave: its users are held. Nothing when it does not speak for the gateway any more.</summary>
    public void Leave(Link link)
    {
        if (ReferenceEquals(Link, link))
        {
            _ = LeaveAsync(link);
        }
    }

    private async Task LeaveAsync(Link link)
    {
        // Not on the thread of a shard, which may be the one that has closed the connection.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await EndAsync(link, goodbye: false);
        }
        catch (Exception e)
        {
            // Nobody waits for this; a set that is not held would stay up until its users are silent for too long.
            context.Logger.LinkLeaveFailed(e, id);
        }
    }

    private async ValueTask EndAsync(Link link, bool goodbye)
    {
        await _turn.WaitAsync();
        try
        {
            if (!ReferenceEquals(_link, link))
            {
                return;
            }

            HeldSinceMs = context.Clock.MonoMs;
            Volatile.Write(ref _link, null);
            _stands = !goodbye;
            Volatile.Write(ref _resyncUntilMs, goodbye ? 0 : _resyncUntilMs);
            await PostToAllAsync(() => new LinkEnds(ordinal, goodbye));
            // Not before: who has the place next must not be ended by this.
            _hasLeft = goodbye;
            context.Logger.LinkLeft(id, link.Remote, goodbye);
        }
        finally
        {
            _turn.Release();
        }
    }

    // All shards hear of it before any says Welcome: what is told of the set holds for all of it.
    private async ValueTask<bool> BeginAsync(Link link, bool resumed)
    {
        var answers = new LinkAnswers(context.Shards.All.Count);
        await PostToAllAsync(() => new Begins(ordinal, _key, resumed, answers) { Connection = link.Connection, Refusals = Refused });
        return await answers.AllStood;
    }

    // The time is given once, as the shards do: whoever begins again before the set is complete has what is left of it. Returns how long the set may be
    // named; of one that is not being named, how long it might.
    private long BeginResync(long nowMs, bool anew)
    {
        if (nowMs < _resyncUntilMs)
        {
            return _resyncUntilMs - nowMs;
        }

        Volatile.Write(ref _resyncUntilMs, anew ? nowMs + context.ResyncMs : 0);
        return context.ResyncMs;
    }

    private async ValueTask PostAsync(SessionsFrame frame, bool presentOnly)
    {
        if (frame.Verb == SessionsVerb.Beat)
        {
            Counts.AddBeats(frame.Count);
        }

        LinkSlice?[] slices = LinkSlices.Split(this, frame, context.Rules.KnownOnly, context.Shards);
        for (int shard = 0; shard < slices.Length; shard++)
        {
            if (slices[shard] is { } slice)
            {
                slice.PresentOnly = presentOnly;
                Credit.Take(slice.Count);
                await context.Shards.All[shard].PostLivenessAsync(slice);
            }
        }
    }

    private async ValueTask PostToAllAsync(Func<ShardMessage> message)
    {
        foreach (ShardHost shard in context.Shards.All)
        {
            await shard.PostLivenessAsync(message());
        }
    }

    // False without an error: it was taken before, or comes from a connection that was replaced.
    private bool IsNext(Link link, ulong seq, out Error? error)
    {
        error = null;
        if (!ReferenceEquals(_link, link))
        {
            return false;
        }

        if (seq != 0 && seq <= _lastSeq)
        {
            Counts.AddRepeat();
            OwesAck = true;
            return false;
        }

        error = seq == _lastSeq + 1 ? null : LinkRules.Gap(seq, _lastSeq + 1);
        return error is null;
    }

    private Error? Refuse(Error? error, ulong seq)
    {
        if (error is not null)
        {
            error.Seq = seq;
            Counts.AddRefusedFrame();
        }

        return error;
    }

    private void Taken(ulong seq)
    {
        Volatile.Write(ref _lastSeq, seq);
        OwesAck = true;
    }

    private sealed class Begins(int gateway, ulong key, bool resumed, LinkAnswers answers)
        : LinkBegins(gateway, key, resumed)
    {
        protected override void Began(bool stood) => answers.Add(stood);
    }
}
