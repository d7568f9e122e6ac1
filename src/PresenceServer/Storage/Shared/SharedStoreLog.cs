using Presence.Server.Diagnostics;

namespace Presence.Server.Storage.Shared;

/// <summary>What the shared store tells the operator.</summary>
internal static partial class SharedStoreLog
{
    [LoggerMessage(LogEvents.RedisAway, LogLevel.Error, "Redis does not answer: {Reason}. Presence is served on; the journal keeps what is to be shipped")]
    public static partial void RedisAway(this ILogger logger, string reason);

    [LoggerMessage(LogEvents.RedisBack, LogLevel.Warning, "Redis answers again, after {Seconds} s; what had waited is shipped")]
    public static partial void RedisBack(this ILogger logger, long seconds);

    [LoggerMessage(LogEvents.RedisWentBack, LogLevel.Warning, "Redis has lost what it had confirmed: it knows this node's journal up to {Known} and had it up to {Shipped}. What it lacks is shipped again")]
    public static partial void RedisWentBack(this ILogger logger, string known, string shipped);

    [LoggerMessage(LogEvents.JournalHole, LogLevel.Error, "The journal lacks what comes after {Position}: changes in it are not in the shared stream. Last-active times are taken from the store instead")]
    public static partial void JournalHole(this ILogger logger, string position);

    [LoggerMessage(LogEvents.WalkBegins, LogLevel.Information, "All records of the store are brought to Redis, which lacks some")]
    public static partial void WalkBegins(this ILogger logger);

    [LoggerMessage(LogEvents.WalkEnded, LogLevel.Information, "All records of the store are in Redis; {Records} were brought")]
    public static partial void WalkEnded(this ILogger logger, long records);

    [LoggerMessage(LogEvents.ShippingFailed, LogLevel.Error, "The journal could not be shipped; tried again")]
    public static partial void ShippingFailed(this ILogger logger, Exception failure);

    [LoggerMessage(LogEvents.PoisonPassedOver, LogLevel.Warning, "{Count} records or entries were passed over that no node can have written")]
    public static partial void PoisonPassedOver(this ILogger logger, long count);

    [LoggerMessage(LogEvents.SweepFailed, LogLevel.Error, "What is past the retention could not be deleted from Redis; tried again")]
    public static partial void SweepFailed(this ILogger logger, Exception failure);
}
