namespace Presence.Engine;

/// <summary>The durable, ordered log of what a node's shards decide.</summary>
public interface IJournal
{
    /// <summary>What a shard writes through; for its thread alone. Called once for each shard of the node.</summary>
    IJournalLane Open(int shard);
}

/// <summary>One shard's way into the journal. No call waits for a disk, and none fails: what cannot be kept fails the commits that ask for it.</summary>
public interface IJournalLane
{
    /// <summary>Takes a change; it goes to the disk with the end of the turn. The newest version wins per user, of equal ones the later.</summary>
    void Append(in JournalEntry entry);

    /// <summary>States that all this shard has decided up to now has been appended.</summary>
    /// <param name="wallMs">Unix milliseconds of now.</param>
    /// <param name="clock">The highest stamp the shard has given or seen.</param>
    void AppendWatermark(long wallMs, ulong clock);

    /// <summary>What was appended may go to the disk now.</summary>
    /// <param name="commit">Wants word when all that was appended before is durable, or is known not to be; null when nobody waits. One at a time.</param>
    void HandOver(JournalCommit? commit);
}

/// <summary>One change as the journal keeps it.</summary>
/// <param name="User">What the last-active store is told too.</param>
/// <param name="Cause">Why.</param>
/// <param name="IsVisible">Others were told. False for what only the user may know: a choice made, or a sign of life given, while invisible.</param>
/// <param name="Text">The visible status text, UTF-8.</param>
public readonly record struct JournalEntry(UserRecord User, TransitionCause Cause, bool IsVisible, byte[]? Text);

/// <summary>A wait for the disk. The journal owns it from <see cref="IJournalLane.HandOver"/> until it has called <see cref="Complete"/>.</summary>
public abstract class JournalCommit
{
    /// <summary>True when what it waited for may not survive the process.</summary>
    public bool Failed { get; set; }

    /// <summary>Called exactly once for each time it was asked for, on any thread. Must neither block nor throw.</summary>
    public abstract void Complete();
}
