using Presence.Server.Diagnostics;

namespace Presence.Server.Storage.Journal;

/// <summary>What the journal tells the operator.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(LogEvents.JournalReplayed, LogLevel.Information, "Journal read: {Records} records from checkpoint {Checkpoint} on, last watermark {WatermarkMs} (Unix ms, -1 = none)")]
    public static partial void Replayed(this ILogger logger, long records, long watermarkMs, ulong checkpoint);

    [LoggerMessage(LogEvents.JournalTailCut, LogLevel.Warning, "The end of journal segment {Path} was torn: {Bytes} bytes behind byte {Offset} were cut off. Nothing of them was acknowledged, unless the disk lost what it had confirmed")]
    public static partial void TailCut(this ILogger logger, string path, int bytes, int offset);

    [LoggerMessage(LogEvents.JournalDamaged, LogLevel.Error, "Journal segment {Path} is damaged: {Bytes} bytes in its middle do not verify and were passed over; changes in them are lost unless a checkpoint holds them")]
    public static partial void SegmentDamaged(this ILogger logger, string path, int bytes);

    [LoggerMessage(LogEvents.JournalGone, LogLevel.Error, "Journal segment {Path} is gone, or a later one: it was not removed by a server. Changes in it are lost unless a checkpoint holds them")]
    public static partial void SegmentGone(this ILogger logger, string path);

    [LoggerMessage(LogEvents.JournalFailed, LogLevel.Error, "The journal cannot write. Presence goes on; statuses are not acknowledged until it can again, which is tried every second")]
    public static partial void WriteFailed(this ILogger logger, Exception failure);

    [LoggerMessage(LogEvents.JournalBack, LogLevel.Warning, "The journal writes again, into segment {Segment}; what had waited was written")]
    public static partial void WritesAgain(this ILogger logger, string segment);

    [LoggerMessage(LogEvents.JournalLossy, LogLevel.Error, "The journal is so far behind that changes were left out of it. Statuses are not acknowledged until a checkpoint holds them")]
    public static partial void LeftOut(this ILogger logger);

    [LoggerMessage(LogEvents.JournalTrimFailed, LogLevel.Warning, "Old segments of the journal could not be removed; tried again later")]
    public static partial void TrimFailed(this ILogger logger, Exception failure);

    [LoggerMessage(LogEvents.JournalStopAbandoned, LogLevel.Error, "The journal did not stop: the disk does not answer")]
    public static partial void JournalStopAbandoned(this ILogger logger);
}
