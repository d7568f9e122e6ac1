using System.Globalization;
using System.Net;
using System.Text;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>The words of a chart: marks and names of the axes, names of the bands, or why there is nothing to see.</summary>
internal static class ChartText
{
    /// <summary>What a letter takes at most, of a band's room.</summary>
    private const double LetterWidth = 7;

    public static string Of(Chart chart)
    {
        var text = new StringBuilder("""<g font-family="system-ui, sans-serif" font-size="12" fill="currentColor">""").Append('\n');
        int bottom = ChartArea.Height - ChartArea.Bottom, middle = (ChartArea.Left + ChartArea.Width - ChartArea.Right) / 2;
        foreach (Tick tick in chart.X.Ticks)
        {
            Append(text, ChartArea.XOf(chart.X, tick.Position), bottom + 18, "middle", tick.Label);
        }

        foreach (Tick tick in chart.Y.Ticks)
        {
            Append(text, ChartArea.Left - 8, ChartArea.YOf(chart.Y, tick.Position) + 4, "end", tick.Label);
        }

        Append(text, middle, ChartArea.Height - 8, "middle", chart.X.Label);
        Append(text, 0, 0, "middle", chart.Y.Label, Text($"translate(14 {(ChartArea.Top + bottom) / 2}) rotate(-90)"));
        AppendBands(text, chart);
        if (chart.Absent is { } absent)
        {
            Append(text, middle, (ChartArea.Top + bottom) / 2, "middle", absent);
        }

        return text.Append("</g>").ToString();
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    // A name that is wider than its band would run into the next one.
    private static void AppendBands(StringBuilder text, Chart chart)
    {
        foreach (Band band in chart.Bands)
        {
            double from = ChartArea.XOf(chart.X, chart.X.Position(band.From)), to = ChartArea.XOf(chart.X, chart.X.Position(band.To));
            if (to - from > band.Name.Length * LetterWidth)
            {
                Append(text, (from + to) / 2, ChartArea.Top - 8, "middle", band.Name);
            }
        }
    }

    private static void Append(StringBuilder text, double x, double y, string anchor, string words, string? transform = null)
    {
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"");
        if (transform is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" transform=\"{transform}\"");
        }

        text.Append('>').Append(Escape(words)).Append("</text>\n");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
