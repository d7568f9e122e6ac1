using Presence.LoadClient.Series;

namespace Presence.LoadClient.Reports.Plots;

/// <summary>Charts over the time of a run, all with one time axis, divided by its phases.</summary>
internal sealed class TimeCharts(IReadOnlyList<Sample> series)
{
    private readonly AxisScale _time = AxisScale.Time(series.Count > 0 ? series[^1].Seconds : 0);
    private readonly List<Band> _phases = FindPhases(series);

    /// <param name="y">Name and unit of the y axis.</param>
    /// <param name="lines">Name, colour, and the value of a sample; null leaves a gap.</param>
    public Chart Draw(string id, string title, string y, params (string Name, string Color, Func<Sample, double?> Value)[] lines) =>
        Draw(id, title, Lines(lines), drawn => AxisScale.Linear(y, Values(drawn).DefaultIfEmpty(0).Max()));

    public Chart DrawLog(string id, string title, string y, params (string Name, string Color, Func<Sample, double?> Value)[] lines) =>
        Draw(id, title, Lines(lines), drawn =>
            AxisScale.Log(y, Values(drawn).DefaultIfEmpty(1).Min(), Values(drawn).DefaultIfEmpty(1).Max()));

    private Chart Draw(string id, string title, List<Line> lines, Func<List<Line>, AxisScale> scale) =>
        new(id, title, _time, scale(lines), lines, _phases, lines.Count > 0 ? null : "none in this run");

    // What has no value, or never any, is no line: the memory of a server on another machine, reads where nobody reads.
    private List<Line> Lines((string Name, string Color, Func<Sample, double?> Value)[] lines) =>
    [
        .. lines
            .Select(line => new Line(line.Name, line.Color, [.. Points(line.Value)]))
            .Where(static line => line.Points.Any(static point => point.Y > 0)),
    ];

    private IEnumerable<(double, double)> Points(Func<Sample, double?> value) =>
        series.Select(sample => (sample.Seconds, value(sample) ?? double.NaN));

    private static IEnumerable<double> Values(List<Line> lines) =>
        lines.SelectMany(static line => line.Points).Select(static point => point.Y).Where(static y => !double.IsNaN(y));

    private static List<Band> FindPhases(IReadOnlyList<Sample> series)
    {
        List<Band> phases = [];
        double from = 0;
        foreach (Sample sample in series)
        {
            if (phases.Count > 0 && phases[^1].Name == sample.Phase)
            {
                phases[^1] = phases[^1] with { To = sample.Seconds };
            }
            else
            {
                phases.Add(new Band(sample.Phase, from, sample.Seconds));
            }

            from = sample.Seconds;
        }

        return phases;
    }
}
