using Presence.Engine;

namespace Presence.Simulation;

/// <summary>
/// A gateway at the server's end, over its connections, as the host's own keeps it: which connection speaks for it, where its seq stands, and the order in which
/// all shards hear of it. What goes to the shards goes in turns, one after the other.
/// </summary>
internal sealed class GatewayHost
{
    private const long LookMs = 100;

    private readonly World _world;
    private readonly Node _node;
    private readonly int _process;
    private Task _turns = Task.CompletedTask;
    private bool _stands;
    private bool _owesAck;

    public GatewayHost(World world, Node node, int ordinal)
    {
        (_world, _node, Ordinal, _process) = (world, node, ordinal, node.Processes);
        Look();
    }

    public int Ordinal { get; }

    /// <summary>Device key of all its users.</summary>
    public ulong Key => KeyOf(Ordinal);

    /// <summary>The connection that speaks for it; null while its set is held.</summary>
    public ServerConnection? Link { get; private set; }

    /// <summary>Of the last frame that was taken.</summary>
    public ulong LastSeq { get; private set; }

    /// <summary>The set stood when the present connection came.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>The shard that writes to it.</summary>
    public ShardThread Owner => _node.Threads[Ordinal % _node.Threads.Length];

    public static ulong KeyOf(int ordinal) => 1_000_000 + (ulong)ordinal;

    public Task OpenAsync(ServerConnection link, bool startsAnew) => InTurn(async () =>
    {
        Link = link;
        IsResumed = !startsAnew && _stands && await BeginAsync(link, resumed: true);
        if (!IsResumed)
        {
            await BeginAsync(link, resumed: false);
            LastSeq = 0;
        }

        _stands = true;
        await Owner.PostAsync(() => new LinkAttached(link, Ordinal), new LinkWasAttached(link));
    });

    public Task TakeAsync(ServerConnection link, SessionsSays says) => InTurn(async () =>
    {
        if (!IsNext(link, says.Seq))
        {
            return;
        }

        foreach (IGrouping<int, ulong> shard in says.UserIds.GroupBy(_node.Topology.EdgeOf))
        {
            ulong[] ids = [.. shard];
            var batch = new Batch { Gateway = Ordinal, Verb = says.Verb, Status = says.Status, Kinds = says.Kinds, UserIds = ids, Count = ids.Length };
            await _node.Threads[shard.Key].PostAsync(() => batch, new LinkSaid(Ordinal, says with { UserIds = ids }));
        }

        Taken(says.Seq);
    });

    public Task CompleteAsync(ServerConnection link, ulong seq) => InTurn(async () =>
    {
        if (IsNext(link, seq))
        {
            await PostToAllAsync(() => new LinkCompletes(Ordinal), () => new LinkCompleted(Ordinal));
            Taken(seq);
        }
    });

    /// <summary>The connection leaves, on purpose or not; nothing when it does not speak for the gateway any more.</summary>
    public Task LeaveAsync(ServerConnection link, bool goodbye) => InTurn(async () =>
    {
        if (Link == link)
        {
            Link = null;
            _stands = !goodbye;
            await PostToAllAsync(() => new LinkEnds(Ordinal, goodbye), () => new LinkEnded(Ordinal, goodbye));
        }
    });

    // Each of the gateway's doings waits for the one before.
    private Task InTurn(Func<Task> doing)
    {
        Task before = _turns;
        return _turns = After();

        async Task After()
        {
            await before;
            if (_node.IsUp && _node.Processes == _process)
            {
                await doing();
            }
        }
    }

    private async Task<bool> BeginAsync(ServerConnection link, bool resumed)
    {
        var answers = new TaskCompletionSource<bool>();
        int left = _node.Threads.Length;
        bool allStood = true;
        await PostToAllAsync(
            () => new Begins(Ordinal, Key, resumed, stood =>
            {
                allStood &= stood;
                if (--left == 0)
                {
                    // Never on the shard's own thread.
                    _world.Agenda.In(0, () => answers.SetResult(allStood));
                }
            })
            {
                Connection = link,
            },
            () => new LinkBegan(Ordinal, resumed, link));
        return await answers.Task;
    }

    private async Task PostToAllAsync(Func<ShardMessage> message, Func<TrueEvent> meaning)
    {
        foreach (ShardThread thread in _node.Threads)
        {
            await thread.PostAsync(message, meaning());
        }
    }

    private bool IsNext(ServerConnection link, ulong seq)
    {
        _owesAck |= Link == link && seq <= LastSeq;
        return Link == link && seq == LastSeq + 1;
    }

    private void Taken(ulong seq) => (LastSeq, _owesAck) = (seq, true);

    // Acknowledges at a pace of its own, and ends a link that is silent for d + 4δ.
    private void Look() => _world.Agenda.In(LookMs, () =>
    {
        if (!_node.IsUp || _node.Processes != _process)
        {
            return;
        }

        if (!_node.IsPaused && Link is { Truth.IsAttached: true } link)
        {
            if (_owesAck && Owner.TryPost(new LinkAck(link, LastSeq), Nothing.Said))
            {
                _owesAck = false;
            }

            EngineClock clock = Owner.Shard.Clock;
            bool isPresent = _world.Agenda.Now - Owner.TurnedAtMs < EngineClock.GapMs;
            long silentMs = clock.EngineOf(clock.At(_world.Agenda.Now)) - clock.EngineOf(link.LastFrameMs);
            if (isPresent && !link.ReaderPaused && silentMs >= _world.Plan.Settings.RecoverForMs)
            {
                Owner.TryPost(new ConnectionClosing(link, V1.CloseCode.HeartbeatTimeout), Nothing.Said);
            }
        }

        Look();
    });

    private sealed class Begins(int gateway, ulong key, bool resumed, Action<bool> began) : LinkBegins(gateway, key, resumed)
    {
        protected override void Began(bool stood) => began(stood);
    }

    private sealed class Batch : LinkBatch
    {
        protected override void Done(in LinkTally tally)
        {
        }
    }
}
