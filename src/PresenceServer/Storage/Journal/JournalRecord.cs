using Presence.Engine;

namespace Presence.Server.Storage.Journal;

/// <summary>A record as it is read: of a user, a shard's watermark, or a hole.</summary>
/// <param name="User">Of a watermark: user id 0, the shard's clock as version.</param>
/// <param name="Cause">Why; null when it stands for several changes, of which only the last is known.</param>
/// <param name="IsVisible">Others were told.</param>
/// <param name="Text">UTF-8.</param>
internal readonly record struct JournalRecord(UserRecord User, TransitionCause? Cause, bool IsVisible, byte[]? Text)
{
    public bool IsWatermark => User.UserId == 0 && Cause is not null;

    /// <summary>Here changes are missing that were decided: only the store has them.</summary>
    public bool IsHole => User.UserId == 0 && Cause is null;

    /// <summary>Of a watermark, Unix milliseconds: all that its shard had said up to then is in front of it.</summary>
    public long WatermarkMs => User.LastActiveMs;
}
