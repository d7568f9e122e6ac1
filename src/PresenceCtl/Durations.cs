using System.CommandLine.Parsing;
using System.Globalization;

namespace Presence.Ctl;

/// <summary>Lengths of time as people type them: 90s, 15m, 2h, 7d, or hh:mm:ss.</summary>
internal static class Durations
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    public static TimeSpan Parse(string text, SymbolResult result)
    {
        if (!TryParse(text, out TimeSpan duration) || duration < TimeSpan.FromSeconds(1) || duration > Longest)
        {
            result.AddError($"'{text}' is not a length of time from 1 s to {Longest.TotalDays:0} d, such as 90s, 15m, 2h, 7d or 01:30:00.");
        }

        return duration;
    }

    private static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text is not [.. var number, ('s' or 'm' or 'h' or 'd') and var unit])
        {
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        bool read = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        duration = unit switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => TimeSpan.FromDays(count),
        };
        return read;
    }
}
