namespace Presence.Server.Storage.Shared;

/// <summary>Redis did not do what it was asked, or not in time; whether it still will, nobody knows.</summary>
internal sealed class RedisAwayException(string message, Exception cause) : Exception(message, cause);
