namespace Presence.Server.Storage.Journal;

/// <summary>What the checkpoints of the last-active store mean to the journal: what may go, and what is durable though it was left out.</summary>
internal sealed class Checkpoints(JournalWriter writer, CommitLoop loop)
{
    private (ulong Number, long LeftOut) _begun;
    private bool _requested;

    /// <summary>Asks the store for a checkpoint.</summary>
    public Action? Request { get; set; }

    /// <summary>Recovery has begun from this one; nothing has been appended yet.</summary>
    public void StartFrom(ulong number) => writer.CheckpointBegins(number);

    /// <summary>The store's thread.</summary>
    public void Begin(ulong number)
    {
        // What was left out before has been given to the store before: this checkpoint holds it.
        _begun = (number, loop.LeftOut);
        writer.CheckpointBegins(number);
    }

    /// <summary>The store's thread.</summary>
    public void End(ulong number, ulong oldestKept)
    {
        if (number == _begun.Number)
        {
            loop.Cover(_begun.LeftOut);
        }

        writer.KeepSince(oldestKept);
        Volatile.Write(ref _requested, false);
    }

    /// <summary>The journal's thread, after a commit.</summary>
    public void RequestIfWanted()
    {
        bool isWanted = writer.AwaitsCheckpoint || loop.IsLossy;
        if (isWanted && !Volatile.Read(ref _requested))
        {
            Volatile.Write(ref _requested, true);
            Request?.Invoke();
        }
    }
}
