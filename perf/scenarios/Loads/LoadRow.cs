using System.Globalization;

namespace Presence.Scenarios.Loads;

/// <summary>A line of a part of the results.</summary>
/// <param name="IsMet">Null: nothing is asked of it.</param>
internal readonly record struct LoadRow(string What, string Measured, string Budget, bool? IsMet)
{
    public static LoadRow Of(string what, FormattableString measured) => new(what, Text(measured), "", null);

    public static LoadRow Asked(string what, FormattableString measured, string budget, bool isMet) => new(what, Text(measured), budget, isMet);

    public override string ToString() => $"| {What} | {Measured} | {Budget} | {IsMet switch { true => "met", false => "**missed**", null => "" }} |";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
