using System.Globalization;

namespace Presence.LoadClient.Commands;

/// <summary>Durations as people type them.</summary>
internal static class Durations
{
    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c> or <c>hh:mm:ss</c>; above zero.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration > TimeSpan.Zero;
        }

        (string suffix, TimeSpan unit) = text switch
        {
            [.., 'm', 's'] => ("ms", TimeSpan.FromMilliseconds(1)),
            [.., 's'] => ("s", TimeSpan.FromSeconds(1)),
            [.., 'm'] => ("m", TimeSpan.FromMinutes(1)),
            [.., 'h'] => ("h", TimeSpan.FromHours(1)),
            _ => ("", TimeSpan.Zero),
        };
        duration = default;
        ReadOnlySpan<char> number = text.AsSpan(0, text.Length - suffix.Length);
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
            || count * unit.TotalDays > TimeSpan.MaxValue.TotalDays / 2)
        {
            return false;
        }

        duration = unit * count;
        return duration > TimeSpan.Zero;
    }
}
