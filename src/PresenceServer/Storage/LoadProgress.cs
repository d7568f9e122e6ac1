namespace Presence.Server.Storage;

/// <summary>How far the loading of a store is. Any thread.</summary>
/// <param name="records">How many there are to load.</param>
/// <param name="time">Tells how long nothing has come.</param>
internal sealed class LoadProgress(long records, TimeProvider time)
{
    private long _loaded;
    private long _movedAt = time.GetTimestamp();
    private volatile bool _isAbandoned;

    public long Records => records;

    /// <summary>Records read so far, whether they were worth keeping or not.</summary>
    public long Loaded => Interlocked.Read(ref _loaded);

    /// <summary>Whoever loads is to end.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>The disk has not given a block for so long that it counts as stuck.</summary>
    public bool IsStalled => time.GetElapsedTime(Interlocked.Read(ref _movedAt)) > StallClock.Limit;

    public void Begin() => Interlocked.Exchange(ref _movedAt, time.GetTimestamp());

    public void Add(long records)
    {
        Interlocked.Add(ref _loaded, records);
        Begin();
    }

    public void Abandon() => _isAbandoned = true;
}
