using Presence.LoadClient.Connections;
using Presence.Scenarios.Subjects;

namespace Presence.Scenarios.Clients;

/// <summary>The clients of a row, all on one event loop.</summary>
/// <param name="tokens">Null: connections that say nothing, not even Hello.</param>
internal sealed class Fleet(Subject subject, UserTokens? tokens) : IIdleClients
{
    /// <summary>Handshakes at a time.</summary>
    private const int Width = 256;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly List<DrivenClient> _clients = [];
    private int _ready;

    public EventLoop Loop { get; } = new(TimeProvider.System);

    public Servers Servers { get; } = new([subject.EndPoint]);

    public UserTokens? Tokens => tokens;

    public IReadOnlyList<DrivenClient> Clients => _clients;

    /// <summary>Heartbeat acks of all clients.</summary>
    public long HeartbeatAcks { get; private set; }

    /// <summary>Entries of updates to all clients.</summary>
    public long Updates { get; private set; }

    /// <summary>Acks of requests.</summary>
    public long Acks { get; private set; }

    /// <summary>What a client does when its heartbeat was acked; null: nothing.</summary>
    public Action<DrivenClient>? WhenAcked { get; set; }

    /// <summary>User id of the first client.</summary>
    public ulong FirstUser { get; init; } = 1;

    public void BringUp(int count, Func<ulong, ulong[]> watches)
    {
        int opened = 0, before = _ready;
        Until(() =>
        {
            while (opened < count && opened - (_ready - before) < Width)
            {
                opened++;
                ulong user = FirstUser + (ulong)_clients.Count;
                _clients.Add(new DrivenClient(this, _clients.Count, user, watches(user)));
                _clients[^1].Open();
            }

            return _ready - before == count;
        });
    }

    /// <summary>The first clients watch, some at a time, until each has its answer.</summary>
    /// <param name="watches">Whom each watches, by its number.</param>
    public void Watch(int count, Func<int, ulong[]> watches)
    {
        int asked = 0, before = _ready;
        Until(() =>
        {
            for (; asked < count && asked - (_ready - before) < Width; asked++)
            {
                _clients[asked].Send(Frames.Watch(1, watches(asked)));
            }

            return _ready - before == count;
        });
    }

    /// <summary>Works until a condition holds.</summary>
    public void Until(Func<bool> done)
    {
        using var patience = new CancellationTokenSource(_patience);
        Loop.RunUntil(done, patience.Token);
    }

    public void Stay(TimeSpan time)
    {
        TimeSpan end = Loop.Now + time;
        Until(() => Loop.Now >= end);
    }

    public void BecameReady() => _ready++;

    public void OnHeartbeatAck(DrivenClient client)
    {
        HeartbeatAcks++;
        WhenAcked?.Invoke(client);
    }

    public void OnUpdates(int entries) => Updates += entries;

    public void OnAck() => Acks++;

    public void Dispose() => Loop.Dispose();
}
