using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>
/// Between a shard and the journal's thread. A shard fills blocks; when as many wait as may, the newest record of each user is kept instead, and when
/// that is too much too, changes are left out, counted, and nobody is told that they are durable. The lock is held for one record or for a swap.
/// </summary>
/// <param name="shard">Its number.</param>
/// <param name="hash">Of user ids.</param>
/// <param name="wake">Wakes the journal's thread.</param>
/// <param name="limits">How much may wait.</param>
internal sealed class JournalLane(int shard, UserHash hash, Signal wake, LaneLimits limits) : IJournalLane, IDisposable
{
    // What a busy lane has in use between two commits; more is made in a burst and let go after it.
    private const int SpareBlocks = 16;

    private readonly Lock _gate = new();
    private readonly Stack<JournalBlock> _spare = new();
    private LaneBatch _filling = new(shard, hash);
    private bool _isAnnounced;
    private long _coalesced;
    private long _leftOut;

    /// <summary>Changes that were replaced by a newer one of their user before they were written.</summary>
    public long Coalesced => Interlocked.Read(ref _coalesced);

    /// <summary>Changes that are not in the journal at all.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Changes of so many users wait because the disk is behind.</summary>
    public int Late
    {
        get
        {
            lock (_gate)
            {
                return _filling.Late.Count;
            }
        }
    }

    public void Append(in JournalEntry entry)
    {
        lock (_gate)
        {
            if (RoomForRecord() is { } block)
            {
                block.Add(entry);
            }
            else
            {
                AppendLate(entry);
            }
        }
    }

    public void AppendWatermark(long wallMs, ulong clock)
    {
        lock (_gate)
        {
            // With nothing left out in front of it; the next one says more anyway.
            RoomForRecord()?.AddWatermark(wallMs, clock);
        }
    }

    public void HandOver(JournalCommit? commit)
    {
        bool isNews;
        lock (_gate)
        {
            // Whoever is told of it takes all there is; once is enough until then.
            isNews = commit is not null || !_isAnnounced;
            _isAnnounced = true;
            _filling.Commit = commit ?? _filling.Commit;
        }

        if (isNews)
        {
            wake.Set();
        }
    }

    /// <summary>Takes all there is in exchange for an empty batch. The journal's thread.</summary>
    public LaneBatch Take(LaneBatch empty)
    {
        lock (_gate)
        {
            (_filling, empty) = (empty, _filling);
            _isAnnounced = false;
        }

        return empty;
    }

    /// <summary>Takes only who waits: what it waits for cannot be written now.</summary>
    public JournalCommit? TakeCommit()
    {
        lock (_gate)
        {
            JournalCommit? commit = _filling.Commit;
            _filling.Commit = null;
            return commit;
        }
    }

    /// <summary>The batch is durable: forgets it, and its blocks are used again.</summary>
    public void Recycle(LaneBatch written)
    {
        lock (_gate)
        {
            foreach (JournalBlock block in written.Blocks.TakeWhile(_ => _spare.Count < SpareBlocks))
            {
                block.Clear();
                _spare.Push(block);
            }
        }

        written.Clear();
    }

    /// <summary>To be called when nobody appends any more.</summary>
    public void Dispose() => _filling.Dispose();

    // Null: as many blocks wait as may. While users are late nobody goes past them, so that a later record of a user is always a newer one.
    private JournalBlock? RoomForRecord()
    {
        List<JournalBlock> blocks = _filling.Blocks;
        if (_filling.Late.Count > 0)
        {
            return null;
        }

        if (blocks is [.., { HasRoom: true } last])
        {
            return last;
        }

        if (blocks.Count >= limits.Blocks)
        {
            return null;
        }

        blocks.Add(_spare.TryPop(out JournalBlock? spare) ? spare : new JournalBlock());
        return blocks[^1];
    }

    private void AppendLate(in JournalEntry entry)
    {
        if (_filling.Late.Count >= limits.LateUsers)
        {
            Interlocked.Increment(ref _leftOut);
            _filling.HasHole = true;
            return;
        }

        if (!_filling.Late.Put(entry.User))
        {
            Interlocked.Increment(ref _coalesced);
        }

        if (entry.IsVisible)
        {
            _filling.LateTold.Add(entry.User.UserId);
        }
    }
}

/// <summary>How much of one shard may wait for the disk.</summary>
/// <param name="Blocks">Blocks of 64 KiB, about 2,700 records each.</param>
/// <param name="LateUsers">Users beyond them of whom the newest record is kept, some 70 bytes each.</param>
internal sealed record LaneLimits(int Blocks, int LateUsers)
{
    /// <summary>4 MiB: 14 s of 12,000 changes a second; and 70 MB more of users.</summary>
    public static readonly LaneLimits Default = new(64, 1 << 20);
}
