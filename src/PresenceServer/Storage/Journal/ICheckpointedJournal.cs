namespace Presence.Server.Storage.Journal;

/// <summary>
/// What the last-active store and the journal owe each other: the journal gives back what a checkpoint does not hold, and keeps it until one does.
/// </summary>
internal interface ICheckpointedJournal
{
    /// <summary>Hands over what earlier processes left. Once, before anybody appends.</summary>
    /// <param name="newest">The checkpoint that is to be loaded, 0 for none. What is written from now on is behind it.</param>
    /// <param name="fallback">The one that takes its place where it turns out to be damaged: all that may not be in this one is handed over.</param>
    /// <param name="maxVersion">The highest version that the checkpoints know of: a journal that knows of none so high does not hold all that was decided.</param>
    /// <param name="apply">Takes a record; see <see cref="JournalReplay.Run"/> for which there are.</param>
    /// <returns>What else there was to learn.</returns>
    /// <exception cref="DataDirectoryException">The disk does not hand out what it holds.</exception>
    JournalReplay Recover(ulong newest, ulong fallback, ulong maxVersion, Action<JournalRecord> apply);

    /// <summary>
    /// A checkpoint is about to begin: it will hold every record that the store was given before this call, so the caller takes those over
    /// before it walks its tables.
    /// </summary>
    void CheckpointBegins(ulong number);

    /// <summary>A checkpoint is complete.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="oldestKept">The oldest that recovery may have to start from.</param>
    void CheckpointEnds(ulong number, ulong oldestKept);

    /// <summary>What to call when a checkpoint is wanted earlier than its interval says, and though nothing may have changed. Any thread.</summary>
    void WhenCheckpointIsWanted(Action request);
}
