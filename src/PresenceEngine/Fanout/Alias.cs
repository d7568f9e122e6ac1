using Presence.Protocol;

namespace Presence.Engine;

/// <summary>
/// A user whom a watcher may not see is watched and asked about under an alias: an id that nobody has, so that every home, store and index treats it as a user who was never
/// seen, in what they say, in how long they take and in what it costs the watcher's limits. Only on the way out it gets the id again that was asked for.
/// </summary>
internal static class Alias
{
    // User ids end below it.
    private const ulong Bit = 1UL << 63;

    public static ulong Of(ulong userId) => userId | Bit;

    /// <summary>The alias of a user, the user of an alias.</summary>
    public static ulong Other(ulong id) => id ^ Bit;

    /// <summary>As it is told to the watcher.</summary>
    public static PresenceState Shown(in PresenceState state) => state with { UserId = state.UserId & ~Bit };
}
