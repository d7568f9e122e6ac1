namespace Presence.Server.Storage.Journal;

/// <summary>
/// What the last-active store and the journal owe each other: the journal gives back what a checkpoint does not hold, and keeps it until one does.
/// </summary>
internal interface ICheckpointedJournal
{
    /// <summary>What earlier processes left. To be read once, before anybody appends.</summary>
    JournalReplay Replay { get; }

    /// <summary>
    /// A checkpoint is about to begin: it will hold every record that the store was given before this call, so the caller takes those over
    /// before it walks its tables.
    /// </summary>
    void CheckpointBegins(ulong number);

    /// <summary>A checkpoint is complete.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="oldestKept">The oldest that recovery may have to start from.</param>
    void CheckpointEnds(ulong number, ulong oldestKept);

    /// <summary>What to call when a checkpoint is wanted earlier than its interval says. Any thread.</summary>
    void WhenCheckpointIsWanted(Action request);
}
