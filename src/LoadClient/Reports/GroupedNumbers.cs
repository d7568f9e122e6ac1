using System.Globalization;

namespace Presence.LoadClient.Reports;

/// <summary>Writes whole numbers, and those that are rounded to whole ones, in groups of three digits: <c>100,000,000</c>.</summary>
internal sealed class GroupedNumbers : IFormatProvider, ICustomFormatter
{
    private const string Grouped = "#,0";

    public static GroupedNumbers Format { get; } = new();

    public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

    string ICustomFormatter.Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
    {
        int or long when string.IsNullOrEmpty(format) => ((IFormattable)arg).ToString(Grouped, CultureInfo.InvariantCulture),
        double value when format is "0" => value.ToString(Grouped, CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(format, CultureInfo.InvariantCulture),
        _ => arg?.ToString() ?? "",
    };
}
