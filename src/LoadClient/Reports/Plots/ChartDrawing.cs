using ScottPlot;
using ScottPlot.TickGenerators;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>
/// A chart as an SVG element. ScottPlot draws the lines and the grid; the text is laid over them as SVG text, so that it looks the same
/// whatever fonts the generator's machine has: often none.
/// </summary>
internal static class ChartDrawing
{
    public static string Draw(Chart chart)
    {
        using var plot = new Plot();
        plot.Layout.Fixed(ChartArea.Padding);
        plot.FigureBackground.Color = Colors.Transparent;
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.IsVisible = false;
        plot.Grid.MajorLineColor = Color.FromHex("#e5e7eb");
        SetAxis(plot.Axes.Bottom, chart.X);
        SetAxis(plot.Axes.Left, chart.Y);
        AddBands(plot, chart);
        foreach (Line line in chart.Lines)
        {
            AddLine(plot, chart, line);
        }

        return Finish(plot.GetSvgXml(ChartArea.Width, ChartArea.Height), chart);
    }

    private static void SetAxis(IAxis axis, AxisScale scale)
    {
        axis.Range.Set(scale.From, scale.To);
        axis.TickGenerator = new NumericManual(
            [.. scale.Ticks.Select(static tick => new ScottPlot.Tick(tick.Position, label: "", isMajor: true))]);
        axis.FrameLineStyle.Color = Color.FromHex("#6b7280");
        axis.MajorTickStyle.Color = Color.FromHex("#6b7280");
    }

    private static void AddBands(Plot plot, Chart chart)
    {
        // Every other one, so that neighbours differ.
        foreach (Band band in chart.Bands.Where(static (_, n) => n % 2 == 1))
        {
            var span = plot.Add.HorizontalSpan(chart.X.Position(band.From), chart.X.Position(band.To), Color.FromHex("#f3f4f6"));
            span.LineStyle.Width = 0;
        }
    }

    private static void AddLine(Plot plot, Chart chart, Line line)
    {
        double[] xs = [.. line.Points.Select(point => chart.X.Position(point.X))];
        double[] ys = [.. line.Points.Select(point => chart.Y.Position(point.Y))];
        var scatter = plot.Add.ScatterLine(xs, ys);
        scatter.Color = Color.FromHex(line.Color);
        scatter.LineWidth = 1.75f;
        Coordinates[] alone = [.. Enumerable.Range(0, ys.Length).Where(n => IsAlone(ys, n)).Select(n => new Coordinates(xs[n], ys[n]))];
        plot.Add.Markers(alone, MarkerShape.FilledCircle, size: 5, Color.FromHex(line.Color));
    }

    // No line leads to it: without a mark it could not be seen.
    private static bool IsAlone(double[] ys, int n) =>
        !double.IsNaN(ys[n]) && (n == 0 || double.IsNaN(ys[n - 1])) && (n == ys.Length - 1 || double.IsNaN(ys[n + 1]));

    // The size becomes the page's to choose; ids become the chart's own, because all charts share one page.
    private static string Finish(string svg, Chart chart)
    {
        int start = svg.IndexOf('>', svg.IndexOf("<svg", StringComparison.Ordinal)) + 1;
        int end = svg.LastIndexOf("</svg>", StringComparison.Ordinal);
        string drawn = svg[start..end]
            .Replace("id=\"cl_", $"id=\"{chart.Id}-cl_", StringComparison.Ordinal)
            .Replace("url(#cl_", $"url(#{chart.Id}-cl_", StringComparison.Ordinal);
        string box = $"0 0 {ChartArea.Width} {ChartArea.Height}", title = ChartText.Escape(chart.Title);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" aria-label="{title}">
            {drawn}{ChartText.Of(chart)}</svg>
            """;
    }
}
