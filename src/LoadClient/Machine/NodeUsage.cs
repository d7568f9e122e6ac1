namespace Presence.LoadClient.Machine;

/// <summary>What a server says of its own process.</summary>
/// <param name="ManagedHeapBytes">As the last collection left it.</param>
/// <param name="LargeBytes">Of it, large arrays.</param>
/// <param name="PinnedBytes">Of it, pinned arrays.</param>
/// <param name="Collections">Of all generations, since the server began.</param>
/// <param name="Pauses">For all collections together, since the server began.</param>
/// <param name="LongestPause">For one collection, since the server began.</param>
/// <param name="LongestTurn">Of a shard, since the server began.</param>
internal sealed record NodeUsage(
    long ManagedHeapBytes,
    long LargeBytes,
    long PinnedBytes,
    long Collections,
    TimeSpan Pauses,
    TimeSpan LongestPause,
    TimeSpan LongestTurn);
