using System.Globalization;

namespace Presence.Scenarios.Results;

/// <summary>A line of a part of the results: a figure, and what is asked of it.</summary>
/// <param name="IsMet">Null: nothing is asked of it.</param>
internal readonly record struct ResultRow(string What, string Measured, string Budget, bool? IsMet)
{
    public static ResultRow Of(string what, FormattableString measured) => new(what, Text(measured), "", null);

    public static ResultRow Asked(string what, FormattableString measured, string budget, bool isMet) => new(what, Text(measured), budget, isMet);

    public override string ToString() => $"| {What} | {Measured} | {Budget} | {IsMet switch { true => "met", false => "**missed**", null => "" }} |";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
