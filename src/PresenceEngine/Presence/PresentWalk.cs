namespace Presence.Engine;

/// <summary>
/// A walk over the users who are recorded as not OFFLINE, in slices and in no order. The store owns it from <see cref="ILastActiveStore.Walk"/> until it has
/// called <see cref="Complete"/>; whoever walks then takes the slice, and hands it back for the next one.
/// </summary>
/// <remarks>
/// A slice has what was written before it was asked for, by the same thread. So whoever stays recorded as not OFFLINE from the first slice to the last is met, and
/// once unless the store has made a table anew meanwhile; who changes on the way is met as of some moment of it, or not at all.
/// </remarks>
public abstract class PresentWalk
{
    /// <summary>Users of a slice.</summary>
    public const int MaxRecords = 4_096;

    private readonly UserRecord[] _records = new UserRecord[MaxRecords];
    private int _count;

    /// <summary>What is recorded of the users of the slice. May be empty though more follow: a store looks at a bounded number of records for a slice.</summary>
    public ReadOnlySpan<UserRecord> Records => _records.AsSpan(0, _count);

    /// <summary>The store is to add no more.</summary>
    public bool IsFull => _count == MaxRecords;

    /// <summary>Where the store goes on, for itself to read; 0 = the beginning.</summary>
    public long Place { get; set; }

    /// <summary>Nobody follows.</summary>
    public bool IsOver { get; set; }

    /// <summary>True when the store could not look: the slice says nothing, and is to be asked for again.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether the walk is about this user. Called on the store's thread; must neither block nor throw.</summary>
    public abstract bool Wants(ulong userId);

    /// <summary>Called exactly once for each slice, on the store's thread. Must neither block nor throw.</summary>
    public abstract void Complete();

    /// <summary>By the store: the slice is empty.</summary>
    public void Begin() => (_count, Failed) = (0, false);

    /// <summary>By the store: the next of the slice.</summary>
    public void Add(in UserRecord record) => _records[_count++] = record;

    /// <summary>By the store: it cannot look.</summary>
    public void Fail()
    {
        (_count, Failed) = (0, true);
        Complete();
    }
}
