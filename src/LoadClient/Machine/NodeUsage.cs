namespace Presence.LoadClient.Machine;

/// <summary>What a server says of its own process.</summary>
/// <param name="ManagedHeapBytes">As the last collection left it.</param>
/// <param name="ArrayBytes">Of it, large and pinned arrays: buffers, and what the store keeps in memory.</param>
/// <param name="Collections">Of all generations, since the server began.</param>
/// <param name="LongestPause">For one collection, since the server began.</param>
internal sealed record NodeUsage(long ManagedHeapBytes, long ArrayBytes, long Collections, TimeSpan LongestPause);
