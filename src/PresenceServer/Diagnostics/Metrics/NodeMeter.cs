using System.Diagnostics.Metrics;
using System.Text.Json;
using Presence.Engine;

namespace Presence.Server.Diagnostics.Metrics;

/// <summary>
/// The meter of the node. Every instrument but the histograms is read when somebody collects, from counts that are kept whether anybody does or not. All values of an attribute are there from the
/// beginning, with 0: a rate of a series that is not there yet is nothing, not 0.
/// </summary>
internal sealed class NodeMeter(IMeterFactory meters)
{
    public const string Name = "Presence";

    // Bounds of the buckets of all latencies, seconds.
    private static readonly double[] s_bounds = [.. LatencyHistogram.Bounds.ToArray().Select(static bound => bound / 1e6)];

    private readonly Meter _meter = meters.Create(Name);

    /// <summary>Something that only grows.</summary>
    public void Count(string name, string unit, string description, Func<long> read) => _meter.CreateObservableCounter(name, read, unit, description);

    /// <summary>The same by an attribute or several.</summary>
    public void Count(string name, string unit, string description, IEnumerable<Reading<long>> readings) =>
        _meter.CreateObservableCounter(name, Observe(readings), unit, description);

    /// <summary>The same by an attribute whose values come and go.</summary>
    public void Count(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) => _meter.CreateObservableCounter(name, read, unit, description);

    /// <summary>Time that only grows, seconds.</summary>
    public void Time(string name, string description, IEnumerable<Reading<double>> readings) =>
        _meter.CreateObservableCounter(name, Observe(readings), "s", description);

    /// <summary>Something that is there now.</summary>
    public void Level(string name, string unit, string description, Func<long> read) => _meter.CreateObservableUpDownCounter(name, read, unit, description);

    /// <summary>The same by an attribute or several.</summary>
    public void Level(string name, string unit, string description, IEnumerable<Reading<long>> readings) =>
        _meter.CreateObservableUpDownCounter(name, Observe(readings), unit, description);

    /// <summary>Something of which there is no sum.</summary>
    public void Gauge(string name, string unit, string description, Func<double> read) => _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>The same by an attribute.</summary>
    public void Gauge(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>How long something takes; see <see cref="LatencyFeed"/>.</summary>
    public Histogram<double> Latency(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_bounds });

    /// <summary>A value of an enumeration as it is exported. Names are API: a value that is renamed is another one.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static Func<IEnumerable<Measurement<T>>> Observe<T>(IEnumerable<Reading<T>> readings)
        where T : struct
    {
        Reading<T>[] all = [.. readings];
        return () => all.Select(static reading => new Measurement<T>(reading.Read(), reading.Attributes));
    }
}

/// <summary>Where one series of an instrument is read, and what tells it from the others.</summary>
internal readonly record struct Reading<T>(Func<T> Read, params KeyValuePair<string, object?>[] Attributes);
