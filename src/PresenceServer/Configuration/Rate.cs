using System.Globalization;

namespace Presence.Server.Configuration;

/// <summary>So many in so long. Text: <c>5/30s</c>, with <c>ms</c>, <c>s</c>, <c>m</c> or <c>h</c>; <c>0</c> is no limit.</summary>
internal readonly record struct Rate(int Count, TimeSpan Per)
{
    private static readonly (string Suffix, TimeSpan Unit)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
    ];

    public static Rate Off => default;

    public bool IsOff => Count == 0;

    public static Rate Parse(string text) =>
        TryParse(text, out Rate rate) ? rate : throw new FormatException($"'{text}' is not a rate.");

    public static bool TryParse(string text, out Rate rate)
    {
        rate = Off;
        if (text == "0")
        {
            return true;
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !TryParseCount(text.AsSpan(0, slash), out int count) || !TryParsePer(text[(slash + 1)..], out TimeSpan per))
        {
            return false;
        }

        rate = new Rate(count, per);
        return true;
    }

    public override string ToString()
    {
        if (IsOff)
        {
            return "0";
        }

        TimeSpan per = Per;
        (string suffix, TimeSpan unit) = _units.Last(u => per.Ticks % u.Unit.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{Count}/{per.Ticks / unit.Ticks}{suffix}");
    }

    private static bool TryParseCount(ReadOnlySpan<char> text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;

    private static bool TryParsePer(string text, out TimeSpan per)
    {
        (string suffix, TimeSpan unit) = Array.Find(_units, u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        per = default;
        if (suffix is null
            || !TryParseCount(text.AsSpan(0, text.Length - suffix.Length), out int number)
            || number > TimeSpan.FromDays(1) / unit)
        {
            return false;
        }

        per = number * unit;
        return true;
    }
}
