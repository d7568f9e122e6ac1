namespace Presence.Engine;

/// <summary>Where the home keeps what must outlive the process. No call waits for a disk.</summary>
public interface ILastActiveStore
{
    /// <summary>Never blocks. The newest version wins per user, of equal ones the later write; a read queued later by the same thread sees it.</summary>
    void Write(in UserRecord record);

    /// <summary>Never blocks; answered through <see cref="StoreRead.Complete"/>. Only of users who <see cref="IsLoaded"/>; of others it fails.</summary>
    void Read(StoreRead read);

    /// <summary>
    /// Never blocks; the next slice is answered through <see cref="PresentWalk.Complete"/>, when what the store has to load for it is there. Reads and writes do not
    /// wait for it. Not to be called for a walk that is over.
    /// </summary>
    void Walk(PresentWalk walk);

    /// <summary>
    /// What is kept of the user can be read; once it can, it always can. False while a store that has just started loads its records, and then nobody can say
    /// anything of the user. Never blocks.
    /// </summary>
    bool IsLoaded(ulong userId);

    /// <summary>Has risen when users became loaded, after they did.</summary>
    int Loads { get; }

    /// <summary>The highest version recovered or written: the engine's hybrid clock starts above it.</summary>
    ulong MaxVersion { get; }

    /// <summary>Unix milliseconds of the previous process's last sign of life; −1 when there was none.</summary>
    long LastWatermarkMs { get; }

    /// <summary>False when the memory budget is reached: users without a record are to be refused, known ones are served on.</summary>
    bool HasRoomForNewUsers { get; }
}
