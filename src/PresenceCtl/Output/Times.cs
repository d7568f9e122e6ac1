using System.Globalization;

namespace Presence.Ctl.Output;

/// <summary>Numbers and times as text, the same in every culture.</summary>
internal static class Times
{
    /// <summary>Unix milliseconds as ISO 8601 in UTC.</summary>
    public static string Of(ulong unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)unixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Clock(DateTimeOffset now) => now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Invariant(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Seconds(ulong milliseconds) => (milliseconds / 1000.0).ToString("0.0 s", CultureInfo.InvariantCulture);
}
