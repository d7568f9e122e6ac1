using Presence.Server.Diagnostics;

namespace Presence.Server.Storage;

/// <summary>What the store tells the operator.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(LogEvents.StoreRecovered, LogLevel.Information, "Last-active store recovered: {Records} records, checkpoint of {CheckpointMs} (Unix ms, -1 = none)")]
    public static partial void Recovered(this ILogger logger, long records, long checkpointMs);

    [LoggerMessage(LogEvents.LoadBegins, LogLevel.Information, "Last-active store: {Records} records are loaded in the background, last sign of life {WatermarkMs} (Unix ms, -1 = none); until then their users are UNKNOWN")]
    public static partial void LoadBegins(this ILogger logger, long records, long watermarkMs);

    [LoggerMessage(LogEvents.CheckpointDamaged, LogLevel.Error, "Checkpoint {Path} is damaged ({Finding}) and was set aside; an older one was used, changes since then may be missing")]
    public static partial void CheckpointSetAside(this ILogger logger, string path, string finding);

    [LoggerMessage(LogEvents.CheckpointComplete, LogLevel.Debug, "Checkpoint complete: {Records} records")]
    public static partial void CheckpointCompleted(this ILogger logger, long records);

    [LoggerMessage(LogEvents.CheckpointFailed, LogLevel.Error, "Checkpoint failed; last-active times since the newest one are in memory only. Tried again after the checkpoint interval")]
    public static partial void CheckpointFailed(this ILogger logger, Exception failure);

    [LoggerMessage(LogEvents.StoreFull, LogLevel.Warning, "Last-active store is full: {MemoryBytes} bytes in use. New users are refused, known ones served on; raise Presence:Store:MemoryBudget")]
    public static partial void Full(this ILogger logger, long memoryBytes);

    [LoggerMessage(LogEvents.StoreFailed, LogLevel.Critical, "Last-active store failed; reads of this turn are answered as failed")]
    public static partial void TurnFailed(this ILogger logger, Exception failure);

    [LoggerMessage(LogEvents.StoreStopAbandoned, LogLevel.Error, "Last-active store did not stop: the disk does not answer. Changes since the newest checkpoint are lost")]
    public static partial void StopAbandoned(this ILogger logger);
}
