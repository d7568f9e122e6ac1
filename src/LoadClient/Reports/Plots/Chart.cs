namespace Presence.LoadClient.Reports.Plots;

/// <summary>One line of a chart.</summary>
/// <param name="Color">As <c>#rrggbb</c>.</param>
/// <param name="Points">In ascending order of x; a y that is not a number leaves a gap.</param>
internal sealed record Line(string Name, string Color, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A stretch of the x axis with a name.</summary>
internal readonly record struct Band(string Name, double From, double To);

/// <summary>What is to be drawn, in values; how it looks is <see cref="ChartDrawing"/>'s.</summary>
/// <param name="Id">Unique on its page, of letters and dashes.</param>
/// <param name="Absent">Instead of lines: why there are none; null when there are.</param>
internal sealed record Chart(
    string Id, string Title, AxisScale X, AxisScale Y, IReadOnlyList<Line> Lines, IReadOnlyList<Band> Bands, string? Absent);
