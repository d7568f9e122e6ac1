using Presence.Engine;

namespace Presence.Server.Transport.Links;

/// <summary>What a gateway has sent and what became of it, since it was first heard of. Written by its reader and by the shards.</summary>
internal sealed class GatewayCounts
{
    private long _beats;
    private long _ups;
    private long _downs;
    private long _passedOver;
    private long _refusedFrames;
    private long _repeats;

    /// <summary>Users in beats.</summary>
    public long Beats => Volatile.Read(ref _beats);

    /// <summary>Users who came up, though some may have been refused afterwards.</summary>
    public long Ups => Volatile.Read(ref _ups);

    /// <summary>Users whom the gateway took down.</summary>
    public long Downs => Volatile.Read(ref _downs);

    /// <summary>Downs of users who were not up.</summary>
    public long PassedOver => Volatile.Read(ref _passedOver);

    /// <summary>Frames that were answered with an error.</summary>
    public long RefusedFrames => Volatile.Read(ref _refusedFrames);

    /// <summary>Frames that had been taken before.</summary>
    public long Repeats => Volatile.Read(ref _repeats);

    public void AddBeats(int users) => Interlocked.Add(ref _beats, users);

    public void AddRefusedFrame() => Interlocked.Increment(ref _refusedFrames);

    public void AddRepeat() => Interlocked.Increment(ref _repeats);

    public void Add(in LinkTally tally)
    {
        Interlocked.Add(ref _ups, tally.CameUp);
        Interlocked.Add(ref _downs, tally.WentDown);
        Interlocked.Add(ref _passedOver, tally.PassedOver);
    }
}
