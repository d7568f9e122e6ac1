namespace Presence.LoadClient.Reports.Plots;

/// <summary>How the values of an axis lie along it, and where it is marked.</summary>
/// <param name="Label">Name and unit.</param>
/// <param name="Position">From a value to its place between <paramref name="From"/> and <paramref name="To"/>.</param>
internal sealed record AxisScale(string Label, double From, double To, Func<double, double> Position, IReadOnlyList<Tick> Ticks)
{
    /// <summary>About as many marks as fit beside each other and are easily counted.</summary>
    private const int MostTicks = 6;

    /// <summary>A line that stays at its highest value is not to lie on the frame.</summary>
    private const double Headroom = 1.08;

    private const double SecondsPerMinute = 60;
    private const double SecondsPerHour = 3_600;

    /// <summary>From zero to a little above the highest value.</summary>
    public static AxisScale Linear(string label, double highest)
    {
        double to = highest > 0 ? highest * Headroom : 1;
        return new AxisScale(label, 0, to, static value => value, Marks(NiceStep(to), to));
    }

    /// <summary>Times of a run: values are seconds, the marks are in the unit that suits its length.</summary>
    public static AxisScale Time(double seconds)
    {
        (string unit, double length) = seconds switch
        {
            <= 3 * SecondsPerMinute => ("s", 1.0),
            <= 3 * SecondsPerHour => ("min", SecondsPerMinute),
            _ => ("h", SecondsPerHour),
        };
        double to = Math.Max(seconds, 1) / length;
        return new AxisScale($"time since the start, {unit}", 0, to, value => value / length, Marks(NiceStep(to), to));
    }

    /// <summary>From the decade of the lowest value to that of the highest; what is not above zero lies on the lower end.</summary>
    public static AxisScale Log(string label, double lowest, double highest)
    {
        double from = Math.Floor(Math.Log10(Math.Max(lowest, 1e-3)));
        double to = Math.Max(Math.Ceiling(Math.Log10(Math.Max(highest, 1e-3))), from + 1);
        IEnumerable<Tick> ticks = Enumerable.Range((int)from, (int)(to - from) + 1)
            .Select(static power => new Tick(power, Figures.Short(Math.Pow(10, power))));
        return new AxisScale($"{label} (log)", from, to, value => value <= 0 ? from : Math.Max(Math.Log10(value), from), [.. ticks]);
    }

    /// <summary>0 %, 90 %, 99 %, 99.9 % … at equal distances, so that the tail has as much room as the body.</summary>
    /// <param name="nines">As far as there are values to tell percentiles apart.</param>
    public static AxisScale Percentiles(int nines)
    {
        IEnumerable<Tick> ticks = Enumerable.Range(0, nines + 1)
            .Select(static n => new Tick(n, $"{Figures.Exact(100 * (1 - Math.Pow(10, -n)))} %"));
        double Position(double percent) => Math.Min(-Math.Log10(1 - (percent / 100)), nines);
        return new AxisScale("share of all that was measured", 0, nines, Position, [.. ticks]);
    }

    // 1, 2 or 5 times a power of ten.
    private static double NiceStep(double highest)
    {
        double rough = highest / MostTicks, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }

    private static List<Tick> Marks(double step, double to)
    {
        List<Tick> ticks = [];
        // A little slack for what the addition of fractions leaves over.
        for (int n = 0; n * step <= to + (step / 1_000); n++)
        {
            ticks.Add(new Tick(n * step, Figures.Short(n * step)));
        }

        return ticks;
    }
}
