using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What outlives the process: the newest complete checkpoint, and the last sign of life.</summary>
internal sealed class Disk
{
    private long _checkpointMs = -1;
    private long _markedMs = -1;

    public IReadOnlyDictionary<ulong, UserRecord> Checkpoint { get; private set; } = new Dictionary<ulong, UserRecord>();

    public ulong MaxVersion { get; private set; }

    /// <summary>Unix ms; -1 before the first. Recovery takes the later of the checkpoint's time and the watermark file's.</summary>
    public long WatermarkMs => Math.Max(_checkpointMs, _markedMs);

    /// <summary>Answers take so much longer.</summary>
    public long LateMs { get; set; }

    public bool ReadsFail { get; set; }

    public bool CheckpointsFail { get; set; }

    public void Keep(Dictionary<ulong, UserRecord> checkpoint, ulong maxVersion, long watermarkMs)
    {
        Checkpoint = checkpoint;
        MaxVersion = Math.Max(MaxVersion, maxVersion);
        _checkpointMs = watermarkMs;
    }

    /// <summary>A sign of life while there is nothing to be written.</summary>
    public void Mark(long watermarkMs) => _markedMs = watermarkMs;
}
