namespace Presence.Engine;

/// <summary>
/// Users who have ended all that they have over HTTP, as their home remembers it: an edge that was not heard at that moment, or had not named its devices to this home yet, names what is over. For d + 4δ, since an edge that is
/// heard again later has lost them by then, or has a lease that nobody renews.
/// </summary>
internal sealed class HttpLeavings(Shard shard)
{
    // Beyond this the oldest is forgotten.
    private const int Most = 1 << 16;

    private readonly Dictionary<ulong, (ulong UpTo, long UntilMs)> _of = [];
    private readonly Queue<(ulong UserId, long UntilMs)> _oldest = new();

    /// <summary>A lease that was renewed since is a new word of its user.</summary>
    public static bool Outlives(DeviceWay way, long lastSeenMs, ulong upTo) => way == DeviceWay.Lease && lastSeenMs > VersionClock.MsOf(upTo);

    /// <param name="upTo">Sessions that began behind it go on.</param>
    public void Add(ulong userId, ulong upTo)
    {
        long untilMs = shard.Time.Now + shard.Options.EdgeHoldMs;
        _of[userId] = (upTo, untilMs);
        _oldest.Enqueue((userId, untilMs));
        while (_oldest.Count > Most || _oldest.Peek().UntilMs <= shard.Time.Now)
        {
            (ulong user, long until) = _oldest.Dequeue();
            if (_of.TryGetValue(user, out (ulong UpTo, long UntilMs) last) && last.UntilMs == until)
            {
                _of.Remove(user);
            }
        }
    }

    /// <summary>What an edge names was ended: as of when. Null: it was not.</summary>
    public ulong? Ended(in SessionReport report)
    {
        bool isOver = report.Way is DeviceWay.Stream or DeviceWay.Lease
            && _of.TryGetValue(report.UserId, out (ulong UpTo, long UntilMs) last)
            && report.SessionId <= last.UpTo
            && shard.Time.Now < last.UntilMs
            && !Outlives(report.Way, report.LastSeenMs, last.UpTo);
        return isOver ? _of[report.UserId].UpTo : null;
    }
}
