using Presence.Engine;

namespace Presence.Server.Storage;

/// <summary>Which records are as never seen: those of users who are offline and gave no sign of life for the retention.</summary>
internal sealed class RetentionRule(TimeSpan retention, TimeProvider time)
{
    /// <summary>The wire's number of OFFLINE. A user who was online when the server stopped has not left yet, however long ago.</summary>
    public const byte Offline = (byte)Presence.V1.Status.Offline;

    // A version carries its wall time above 16 bits of counter and ordinal.
    private const int VersionTimeShift = 16;

    private readonly long _retentionMs = (long)retention.TotalMilliseconds;
    private readonly RetentionClock _clock = new(time);

    /// <summary>Unix milliseconds: whoever was seen last before them is as never seen.</summary>
    public long OldestMs => _clock.NowMs - _retentionMs;

    /// <summary>
    /// What a record that has not expired still says. One whose user is here unseen is kept for its true time, but what was last seen of it is forgotten as of anybody else: a last-active time
    /// that nobody who said Goodbye then would have any more tells that the user is invisible.
    /// </summary>
    public static UserRecord WithinIt(in UserRecord record, long oldestMs) =>
        record.Status == Offline && record.LastActiveMs < oldestMs ? record with { LastActiveMs = -1 } : record;

    /// <param name="record">Of a user.</param>
    /// <param name="trueLastActiveMs">What the user's companion says, if there is one.</param>
    /// <param name="oldestMs"><see cref="OldestMs"/>, which is read once for many.</param>
    public static bool HasExpired(PackedRecord record, long trueLastActiveMs, long oldestMs)
    {
        if (record.Status != Offline)
        {
            return false;
        }

        var lastSign = Math.Max(record.TimeMs, trueLastActiveMs);
        lastSign = lastSign >= 0 ? lastSign : (long)(record.Version >> VersionTimeShift);
        return lastSign < oldestMs;
    }
}
