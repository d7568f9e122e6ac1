namespace Presence.Server.Storage.Shared;

/// <summary>What is counted of the shared store; all 0 on a node without one. Any thread.</summary>
internal sealed class SharedCounts
{
    /// <summary>Records of the journal that Redis has taken.</summary>
    public Count Shipped { get; } = new();

    /// <summary>Records brought by walks over the store.</summary>
    public Count Walked { get; } = new();

    /// <summary>Attempts to ship that failed.</summary>
    public Count Failures { get; } = new();

    /// <summary>Records and entries, of the journal or found in Redis, that nobody of us can have written; passed over.</summary>
    public Count Poison { get; } = new();

    /// <summary>Places where the journal lacked what was to be shipped.</summary>
    public Count Holes { get; } = new();

    /// <summary>Times that Redis was found to have lost what it had confirmed.</summary>
    public Count Losses { get; } = new();

    /// <summary>Commits whose statuses were acknowledged without Redis having them.</summary>
    public Count Unshared { get; } = new();

    /// <summary>Users asked of Redis.</summary>
    public Count Asked { get; } = new();

    /// <summary>Users answered by the local record alone though Redis might know more: it was away, or too slow.</summary>
    public Count AnsweredLocally { get; } = new();

    /// <summary>Records past the retention that were deleted.</summary>
    public Count Swept { get; } = new();

    /// <summary>Bytes of the journal that are durable and not shipped.</summary>
    public long LagBytes { get; private set; }

    /// <summary>How old what was shipped last is, while more is to be shipped; 0 while nothing is.</summary>
    public TimeSpan Lag { get; private set; }

    public void Behind(long bytes, TimeSpan by) => (LagBytes, Lag) = (bytes, bytes > 0 ? by : TimeSpan.Zero);

    /// <summary>A number that only grows.</summary>
    internal sealed class Count
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add(long number = 1) => Interlocked.Add(ref _value, number);
    }
}
