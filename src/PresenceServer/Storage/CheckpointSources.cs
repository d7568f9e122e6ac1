namespace Presence.Server.Storage;

/// <summary>
/// The checkpoints of a directory from which it can be loaded, newest first. A file is opened when it is asked for: the older ones only for what is damaged
/// in a newer one.
/// </summary>
internal sealed class CheckpointSources : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CheckpointDirectory _directory;
    private readonly ulong _hashSeed;
    private readonly ICheckpointDisk _disk;
    private readonly Queue<ulong> _unopened;
    private readonly List<CheckpointReader> _opened = [];

    // What was found first of each; newest first, as they are opened.
    private readonly Dictionary<ulong, string> _damaged = [];

    /// <exception cref="StoreDamagedException">There are checkpoints, and none says what it holds.</exception>
    public CheckpointSources(CheckpointDirectory directory, ulong hashSeed, ICheckpointDisk disk)
    {
        _directory = directory;
        _hashSeed = hashSeed;
        _disk = disk;
        directory.RemoveUnfinished();
        IReadOnlyList<ulong> checkpoints = directory.Checkpoints();
        Fallback = checkpoints.Skip(1).Concat(checkpoints).FirstOrDefault();
        _unopened = new(checkpoints);
        Newest = Get(0);
        if (Newest is null && (FellBack || directory.HasDamaged()))
        {
            throw Damaged();
        }
    }

    /// <summary>Null when there is nothing to load.</summary>
    public CheckpointReader? Newest { get; }

    /// <summary>Number of the one that takes the place of what is damaged in the newest, of the only one if there is one, 0 if there is none.</summary>
    public ulong Fallback { get; }

    /// <summary>Unix milliseconds of <see cref="Newest"/>; −1 when there is none.</summary>
    public long CheckpointMs => Newest?.Header.WatermarkMs ?? -1;

    /// <summary>The highest version the process before had seen when it wrote.</summary>
    public ulong MaxVersion => Newest?.Header.MaxVersion ?? 0;

    public long Records => Newest?.Header.Records ?? 0;

    /// <summary>A file was damaged: there may be only one good one on disk.</summary>
    public bool FellBack
    {
        get
        {
            lock (_gate)
            {
                return _damaged.Count > 0;
            }
        }
    }

    /// <summary>Any thread. One by its age, 0 the newest; null when there are no more whose header verifies.</summary>
    public CheckpointReader? Get(int age)
    {
        lock (_gate)
        {
            while (_opened.Count <= age && _unopened.TryDequeue(out ulong sequence))
            {
                TryOpen(sequence);
            }

            return age < _opened.Count ? _opened[age] : null;
        }
    }

    /// <summary>Any thread. A part of a checkpoint is damaged.</summary>
    public void Found(CheckpointReader damaged, string finding)
    {
        lock (_gate)
        {
            _damaged.TryAdd(damaged.Sequence, finding);
        }
    }

    /// <summary>For when nothing is left to load from.</summary>
    public StoreDamagedException Damaged()
    {
        lock (_gate)
        {
            return new(_directory.Root, _damaged.Count > 0
                ? _damaged.Select(file => $"{Path.GetFileName(_directory.PathOf(file.Key))} is damaged {file.Value}")
                : ["only files that were set aside as damaged are left"]);
        }
    }

    public DataDirectoryException TooMany(RecordTables tables) => new(
        $"The {Records:N0} records in '{_directory.Root}' do not fit: there is room for {tables.MaxRecords:N0}. Raise Presence:Store:MemoryBudget "
        + $"(about {RecordTables.BytesPerUser} bytes a user).");

    public DataDirectoryException Unusable(Exception cause) => CheckpointDirectory.Unusable(_directory.Root, cause);

    /// <summary>When all is loaded: damaged files stay for inspection and are not tried again.</summary>
    public void SetAside(ILogger logger)
    {
        foreach ((ulong sequence, string finding) in _damaged)
        {
            _directory.SetAside(sequence);
            logger.CheckpointSetAside(_directory.PathOf(sequence), finding);
        }
    }

    public void Dispose()
    {
        foreach (CheckpointReader reader in _opened)
        {
            reader.Dispose();
        }
    }

    private void TryOpen(ulong sequence)
    {
        try
        {
            var reader = new CheckpointReader(_directory.PathOf(sequence), sequence, _disk);
            _opened.Add(reader);
            if (reader.Header.HashSeed != _hashSeed)
            {
                _opened.Remove(reader);
                reader.Dispose();
                _damaged.Add(sequence, "in that it was written for another data directory");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            _damaged.Add(sequence, e.Message);
        }
    }
}
