using System.Globalization;

namespace Presence.LoadClient.Commands;

/// <summary>Large numbers as people type them.</summary>
internal static class Amounts
{
    private const string PerSecond = "/s";

    /// <summary>Reads <c>250</c>, <c>12K</c>, <c>100M</c>, <c>1.5M</c>; a rate may end in <c>/s</c>. Not negative.</summary>
    public static bool TryParse(string text, out double amount)
    {
        ReadOnlySpan<char> number = text.EndsWith(PerSecond, StringComparison.Ordinal) ? text.AsSpan(0, text.Length - PerSecond.Length) : text;
        double unit = number switch
        {
            [.., 'K' or 'k'] => 1e3,
            [.., 'M'] => 1e6,
            [.., 'G'] => 1e9,
            _ => 1,
        };
        number = unit > 1 ? number[..^1] : number;
        bool isRead = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount);
        amount *= unit;
        return isRead;
    }

    /// <summary>Reads <c>16..1000</c>, or one number for both ends.</summary>
    public static bool TryParseRange(string text, out (int Least, int Most) range)
    {
        string[] ends = text.Split("..");
        range = default;
        if (ends.Length > 2
            || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int least)
            || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int most))
        {
            return false;
        }

        range = (least, most);
        return true;
    }
}
