namespace Presence.Engine;

/// <summary>Where the home keeps what must outlive the process. No call waits for a disk.</summary>
public interface ILastActiveStore
{
    /// <summary>Never blocks. The newest version wins per user; a read queued later by the same thread sees it.</summary>
    public void Write(in UserRecord record);

    /// <summary>Never blocks; answered through <see cref="StoreRead.Complete"/>.</summary>
    public void Read(StoreRead read);

    /// <summary>The highest version recovered or written: the engine's hybrid clock starts above it.</summary>
    public ulong MaxVersion { get; }

    /// <summary>Unix milliseconds of the previous process's last sign of life; −1 when there was none.</summary>
    public long LastWatermarkMs { get; }

    /// <summary>False when the memory budget is reached: users without a record are to be refused, known ones are served on.</summary>
    public bool HasRoomForNewUsers { get; }
}
