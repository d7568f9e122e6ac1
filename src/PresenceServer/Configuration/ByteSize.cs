using System.Globalization;

namespace Presence.Server.Configuration;

/// <summary>A number of bytes. Text: <c>1048576</c>, <c>10GB</c> (powers of 1,000) or <c>10GiB</c> (powers of 1,024).</summary>
internal readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>, IComparable
{
    // Longest suffix first, so that "GiB" is not read as "B".
    private static readonly (string Suffix, long Bytes)[] _units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ];

    public static ByteSize Parse(string text) =>
        TryParse(text, out ByteSize size) ? size : throw new FormatException($"'{text}' is not a size.");

    public static bool TryParse(string text, out ByteSize size)
    {
        (string suffix, long unit) = Array.Find(_units, u => text.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        string digits = suffix is null ? text : text[..^suffix.Length].TrimEnd();
        bool parsed = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue / Math.Max(unit, 1);
        size = parsed ? new ByteSize(number * Math.Max(unit, 1)) : default;
        return parsed;
    }

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    public int CompareTo(object? obj) => obj is ByteSize other ? CompareTo(other) : 1;

    /// <summary>The exact number, in the largest unit that divides it.</summary>
    public override string ToString()
    {
        long bytes = Bytes;
        (string suffix, long unit) = _units
            .OrderByDescending(static u => u.Bytes)
            .FirstOrDefault(u => bytes >= u.Bytes && bytes % u.Bytes == 0);
        return suffix is null or "B"
            ? bytes.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / unit}{suffix}");
    }

    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;
}
