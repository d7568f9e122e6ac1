using Presence.V1;

namespace Presence.Client.Session;

/// <summary>Which of two words about a user holds. Pure.</summary>
internal static class ViewMerge
{
    /// <summary>The view after <paramref name="entry"/>; the same instance when the entry is older than what is held.</summary>
    /// <remarks>
    /// The highest version wins, in whatever order entries arrive. <c>reset</c> says that the held version is from the future: the entry
    /// wins whatever its version. Unknown is no state of the user but a gap in the server's knowledge: it marks what is held as stale. The
    /// word that follows wins whatever its version: what is held may be of a version that a crash of the server has lost.
    /// </remarks>
    public static PresenceView Merge(PresenceView? held, PresenceEntry entry)
    {
        if (entry.Reset)
        {
            held = null;
        }
        if (entry.Status == Status.Unknown)
        {
            return (held ?? new PresenceView { UserId = entry.UserId }) with { IsStale = true, AsOf = Time(entry.HasAsOfMs, entry.AsOfMs) };
        }
        return held is null or { IsStale: true } || entry.Version >= held.Version ? View(entry) : held;
    }

    public static PresenceView View(PresenceEntry entry) => new()
    {
        UserId = entry.UserId,
        Version = entry.Version,
        Status = entry.Status,
        LastActive = Time(entry.HasLastActiveMs, entry.LastActiveMs),
        StatusText = entry.StatusText,
        Devices = [.. entry.DeviceKinds],
        IsStale = entry.Status == Status.Unknown,
        AsOf = Time(entry.HasAsOfMs, entry.AsOfMs),
    };

    private static DateTimeOffset? Time(bool present, ulong unixMilliseconds) =>
        present && unixMilliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)unixMilliseconds)
            : null;
}
