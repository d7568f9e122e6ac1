namespace Presence.Engine;

/// <summary>
/// How long changes take to their watchers: from the beginning of the turn in which a home decided one to the end of that in which the last watcher it has on this shard was sent the newest
/// state. One time a change and shard, however many watchers; those who have to read first are not waited for. What a turn has served is noted, and reckoned up when the host says that it is sent.
/// </summary>
internal sealed class Propagation(LatencyHistogram times)
{
    /// <summary>A state that is no news of a home's, or a host that does not measure.</summary>
    public const long NotMeasured = 0;

    // More than the deliveries of a turn; what a turn serves beyond them is not measured.
    private const int Most = 2_048;

    private readonly long[] _served = new long[Most];
    private int _count;

    /// <summary>All watchers have been handed a change that was decided then.</summary>
    public void Served(long decidedUs)
    {
        if (decidedUs != NotMeasured && _count < Most)
        {
            _served[_count++] = decidedUs;
        }
    }

    public void Sent(long nowUs)
    {
        for (int i = 0; i < _count; i++)
        {
            times.Add(nowUs - _served[i]);
        }

        _count = 0;
    }
}
