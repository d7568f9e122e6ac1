namespace Presence.Engine;

/// <summary>
/// Holds the devices of an edge that it has not named again: because its registration is through, or because nobody hears of it any more. They are found by the generation in which they were named, in bounded slices; who is
/// named meanwhile is of a later one.
/// </summary>
internal sealed class RemoteSweep(Shard shard)
{
    private readonly UserTable _users = shard.Users;
    private readonly int _slice = shard.Options.Budget.SweptDevices;
    private readonly List<Job> _jobs = [];

    // Where the walk of the first job goes on, downwards.
    private int _next = -1;

    /// <summary>There is more to look at than a turn may.</summary>
    public bool IsUnderWay => _jobs.Count > 0;

    /// <summary>Takes the place of what is still to be done of the same edge: that is part of this, and its generation may be too long ago to be told from a later one.</summary>
    /// <param name="generation">Devices that were named before it are held.</param>
    /// <param name="slotMs">So much longer than h.</param>
    /// <param name="lastSeenMs">Unix ms: each was there until then at least; negative: until it was heard of.</param>
    /// <param name="isLost">Nothing is heard of the edge.</param>
    public void Add(ShardAddress edge, int generation, long slotMs, long lastSeenMs, bool isLost)
    {
        if (_jobs.FindIndex(job => job.Edge == edge) is >= 0 and var before)
        {
            // Who it has passed by is passed by again.
            _next = before == 0 ? -1 : _next;
            _jobs.RemoveAt(before);
        }

        _jobs.Add(new(edge, generation, shard.Time.Now + slotMs, lastSeenMs, isLost));
    }

    public void Advance()
    {
        for (int looked = 0; looked < _slice && _jobs.Count > 0; looked++)
        {
            Job job = _jobs[0];
            _next = _next >= 0 ? _next : _users.DeviceSlots - 1;
            if (_next >= 0)
            {
                Look(job, _users.NodeAt(_next));
            }

            if (--_next < 0)
            {
                _jobs.RemoveAt(0);
            }
        }
    }

    private void Look(in Job job, int node)
    {
        ref Device device = ref _users.DeviceAt(node);
        if (device.State != DeviceState.Live || !device.IsRemote || device.Edge != job.Edge || !IsOlder(device.Generation, job.Generation))
        {
            return;
        }

        device.State = DeviceState.Held;
        long slotMs = Math.Max(0, job.SlotMs - shard.Time.Now);
        if (job.IsLost && device.Link.IsArmed)
        {
            // Who has a lease has no connection that is lost with the edge, and renews it in its own time, elsewhere. When it was renewed last is known.
            long silentAt = shard.Deadlines.SilentAt(device, device.LastSeenAt(shard.Time.Stamp));
            slotMs = Math.Max(slotMs, silentAt - shard.Time.Now - shard.Options.HoldMs);
        }
        else if (job.LastSeenMs >= 0)
        {
            device.LastSeenMs = (uint)Math.Max(shard.Time.StampOf(job.LastSeenMs), device.LastSeenAt(shard.Time.Stamp));
        }

        shard.Deadlines.ArmHold(node, slotMs);
    }

    // Of a few generations each way.
    private static bool IsOlder(int generation, int than) =>
        (than - generation) % Device.Generations is > 0 and <= Device.Generations / 2;

    /// <param name="SlotMs">Engine time from which h counts.</param>
    private readonly record struct Job(ShardAddress Edge, int Generation, long SlotMs, long LastSeenMs, bool IsLost);
}
