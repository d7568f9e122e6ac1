using Presence.Server.Storage.Journal;

namespace Presence.Server.Storage;

/// <summary>Fills the tables from the newest checkpoint that can be read and what the journal has behind it, at start.</summary>
internal sealed class Recovery(CheckpointDirectory directory, RecordTables tables, ICheckpointedJournal? journal, ILogger logger)
{
    private readonly List<(ulong Sequence, string Finding)> _damaged = [];

    /// <summary>The highest version met.</summary>
    public ulong MaxVersion { get; private set; }

    /// <summary>The last sign of life of the process before; −1 when there was none.</summary>
    public long WatermarkMs { get; private set; } = -1;

    /// <summary>The time of the checkpoint used; −1 when there was none.</summary>
    public long CheckpointMs { get; private set; } = -1;

    /// <summary>The number of the checkpoint used; 0 when there was none.</summary>
    public ulong Checkpoint { get; private set; }

    /// <summary>Records of the journal were newer than the checkpoint's.</summary>
    public bool IsAhead { get; private set; }

    /// <summary>True when a damaged checkpoint was set aside: there is only one good one on disk now.</summary>
    public bool FellBack => _damaged.Count > 0;

    /// <exception cref="StoreDamagedException">There are checkpoints and none can be read.</exception>
    /// <exception cref="DataDirectoryException">The records do not fit in the memory budget.</exception>
    public void Run()
    {
        directory.RemoveUnfinished();
        var loaded = directory.Checkpoints().Any(TryLoad);
        if (!loaded && (FellBack || directory.HasDamaged()))
        {
            throw new StoreDamagedException(directory.Root, Findings());
        }

        foreach (var (sequence, finding) in _damaged)
        {
            directory.SetAside(sequence);
            logger.CheckpointSetAside(directory.PathOf(sequence), finding);
        }

        WatermarkMs = Math.Max(CheckpointMs, WatermarkFile.Read(directory.WatermarkPath));
        if (journal is not null)
        {
            Replay(journal);
        }

        logger.Recovered(tables.Count, CheckpointMs, WatermarkMs);
    }

    // Blocks of a damaged file that verify are kept: the older checkpoint, loaded after it, only fills in what is missing.
    private bool TryLoad(ulong sequence)
    {
        try
        {
            using var reader = new CheckpointReader(directory.PathOf(sequence), sequence);
            Load(reader);
            Checkpoint = sequence;
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            _damaged.Add((sequence, e.Message));
            return false;
        }
    }

    private void Load(CheckpointReader reader)
    {
        var lanes = new RecoveryLanes(tables, Environment.ProcessorCount);
        using (lanes)
        {
            while (!lanes.IsFull && reader.ReadBlock() is { IsEmpty: false } block)
            {
                Load(block, lanes);
            }
        }

        ThrowIf(lanes.IsFull);
        MaxVersion = Math.Max(MaxVersion, reader.Footer!.Value.MaxVersion);
        CheckpointMs = reader.Footer.Value.WatermarkMs;
    }

    private void Replay(ICheckpointedJournal journal)
    {
        var recovery = new JournalRecovery(tables);
        JournalReplay replay = journal.Recover(Checkpoint, recovery.Take);
        ThrowIf(recovery.IsFull);
        IsAhead = recovery.Newer > 0;
        MaxVersion = Math.Max(MaxVersion, replay.MaxVersion);
        WatermarkMs = Math.Max(WatermarkMs, replay.WatermarkMs);
    }

    private void Load(ReadOnlySpan<byte> block, RecoveryLanes lanes)
    {
        for (; !block.IsEmpty; block = block[CheckpointFormat.EntryBytes..])
        {
            var (key, record) = CheckpointFormat.ReadEntry(block);
            MaxVersion = Math.Max(MaxVersion, record.Version);
            lanes.Put(key, record);
        }
    }

    private void ThrowIf(bool isFull)
    {
        if (isFull)
        {
            throw new DataDirectoryException(
                $"The records in '{directory.Root}' do not fit: {tables.Count:N0} were read when the memory was full. Raise Presence:Store:MemoryBudget "
                + $"(about {RecordTables.BytesPerUser} bytes a user).");
        }
    }

    private IEnumerable<string> Findings() => _damaged.Count > 0
        ? _damaged.Select(d => $"{Path.GetFileName(directory.PathOf(d.Sequence))} is damaged {d.Finding}")
        : ["only files that were set aside as damaged are left"];
}
