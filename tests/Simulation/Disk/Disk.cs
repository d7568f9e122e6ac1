using Presence.Engine;

namespace Presence.Simulation;

/// <summary>What outlives the process: the journal, the two newest complete checkpoints, and the store's last sign of life.</summary>
internal sealed class Disk
{
    private long _markedMs = -1;

    public JournalDisk Journal { get; } = new();

    /// <summary>What of the journal would be there if the power went now.</summary>
    public DurableRecords Journaled { get; } = new();

    public Checkpoint Newest { get; private set; } = Checkpoint.None;

    /// <summary>Takes the place of the newest if that is damaged.</summary>
    public Checkpoint Fallback { get; private set; } = Checkpoint.None;

    /// <summary>Of all that were ever complete, the damaged too.</summary>
    public ulong LastNumber { get; private set; }

    /// <summary>Unix ms; -1 before the first. Recovery takes the later of the checkpoint's time and the watermark file's.</summary>
    public long WatermarkMs => Math.Max(Newest.WatermarkMs, _markedMs);

    /// <summary>Until when those who were told to leave are shown as they were, Unix ms: the file of a node that stops.</summary>
    public long HeldUntilMs { get; set; }

    /// <summary>The longest heartbeat interval that sessions may keep to, where that is more than d; else 0.</summary>
    public long LongIntervalMs { get; set; }

    /// <summary>Answers, and syncs, take so much longer.</summary>
    public long LateMs { get; set; }

    public bool ReadsFail { get; set; }

    public bool CheckpointsFail { get; set; }

    /// <summary>Nothing can be written: neither a checkpoint nor the journal.</summary>
    public bool WritesFail { get; set; }

    /// <summary>What would be found of a user if the power went now.</summary>
    public UserRecord Durable(ulong userId) => Newest.With(userId, Journaled[userId]);

    public void Keep(Checkpoint checkpoint) => (Fallback, Newest, LastNumber) = (Newest, checkpoint, checkpoint.Number);

    /// <summary>A sign of life while there is nothing to be written.</summary>
    public void Mark(long watermarkMs) => _markedMs = watermarkMs;

    /// <summary>The power goes.</summary>
    public void LosePower(Chance chance)
    {
        Journal.LosePower(chance);
        if (Fallback.Number > 0 && chance.Hits(0.2) && IsSpare(Newest))
        {
            // The newest checkpoint turns out to be damaged.
            (Newest, Fallback) = (Fallback, Checkpoint.None);
        }
    }

    // What a checkpoint alone has, because the journal's disk was slower, was not acknowledged: lost with it, nothing that was promised is.
    private bool IsSpare(Checkpoint newest) => newest.Records.Values.All(record =>
        Fallback.With(record.UserId, Journaled[record.UserId]) is var rest && (rest == record || rest.Version > record.Version));
}
