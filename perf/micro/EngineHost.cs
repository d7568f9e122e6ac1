using Presence.Engine;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Micro;

/// <summary>One shard with sessions on connections that copy what they are sent; time stands still unless it is moved.</summary>
internal sealed class EngineHost : ILastActiveStore, IJournal, IJournalLane, IWake
{
    private readonly CopyingConnection[] _connections;

    /// <param name="sessions">Each with a connection.</param>
    /// <param name="watched">Whom all of them watch; 0 = nobody.</param>
    /// <param name="journal">One that keeps nothing if none is named.</param>
    public EngineHost(int sessions, ulong watched = 0, IJournal? journal = null)
    {
        var options = new ShardOptions { StatusChanges = 0, Inbox = new InboxCapacity(1 << 21, 1 << 16) };
        var setup = new ShardSetup(options, new Topology(node: 0, shards: 1, partitions: 64, seed: 42), this, journal ?? this, Seed: 7);
        Shard = setup.Build([this], Now)[0];
        _connections = [.. Enumerable.Range(0, sessions).Select(_ => new CopyingConnection())];
        for (int i = 0; i < sessions; i++)
        {
            Shard.Inbox.TryPostLiveness(new SessionUp(_connections[i], (ulong)i + 1, deviceKey: 1)
            {
                InitialStatus = Status.Online,
                TokenExpiresMs = long.MaxValue,
            });
            if (watched != 0)
            {
                Shard.Inbox.TryPostRead(new WatchRequest(_connections[i], 1, [watched], []));
                Settle();
            }
        }

        Settle();
    }

    public Shard Shard { get; }

    public ReadOnlySpan<CopyingConnection> Connections => _connections;

    public long MonoMs { get; set; } = 1_000_000;

    public ulong MaxVersion => 0;

    public long LastWatermarkMs => PresenceState.NoTime;

    public bool HasRoomForNewUsers => true;

    public int Loads => 0;

    private TurnTime Now => new(MonoMs, 1_790_000_000_000 + MonoMs, MonoMs);

    public void Settle()
    {
        while (Turn())
        {
        }
    }

    public bool Turn() => Shard.Turn(Now);

    public void Write(in UserRecord record)
    {
    }

    public bool IsLoaded(ulong userId) => true;

    public void Read(StoreRead read) => read.Complete();

    public void Walk(PresentWalk walk)
    {
        walk.IsOver = true;
        walk.Complete();
    }

    public IJournalLane Open(int shard) => this;

    public void Append(in JournalEntry entry)
    {
    }

    public void AppendWatermark(long wallMs, ulong clock)
    {
    }

    public void HandOver(JournalCommit? commit) => commit?.Complete();

    public void Wake()
    {
    }
}

/// <summary>Copies frames into a buffer of its own, as a transport would.</summary>
internal sealed class CopyingConnection : ConnectionPort
{
    // Made when first written to: a million idle connections need none.
    private byte[]? _buffer;
    private int _used;

    protected internal override void Write(ReadOnlySpan<byte> frame, int prefixBytes)
    {
        _buffer ??= new byte[1_024];
        _used = _used + frame.Length > _buffer.Length ? 0 : _used;
        frame.CopyTo(_buffer.AsSpan(_used));
        _used += frame.Length;
    }

    protected internal override bool Flush()
    {
        _used = 0;
        return true;
    }

    protected internal override void WriteWelcome(in SessionWelcome welcome)
    {
    }

    protected internal override void Close(CloseCode code)
    {
    }
}
