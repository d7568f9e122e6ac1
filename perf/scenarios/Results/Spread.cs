namespace Presence.Scenarios.Results;

/// <summary>A figure over several runs.</summary>
internal readonly record struct Spread(double Median, double Min, double Max) : IFormattable
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <param name="format">Of each number.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        $"{Median.ToString(format, formatProvider)} ({Min.ToString(format, formatProvider)} – {Max.ToString(format, formatProvider)})";
}
