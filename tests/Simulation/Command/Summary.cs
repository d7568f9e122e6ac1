using System.Globalization;

namespace Presence.Simulation;

/// <summary>What a range of seeds came to.</summary>
internal sealed class Summary
{
    private readonly int[] _struck = new int[Enum.GetValues<FaultKind>().Length];
    private readonly SortedDictionary<string, int> _broken = new(StringComparer.Ordinal);
    private long _simulatedMs;
    private long _happened;
    private long _compared;

    public int Seeds { get; private set; }

    public int Bad { get; private set; }

    public void Add(Trial trial)
    {
        Seeds++;
        _simulatedMs += trial.AtMs;
        _happened += trial.Happened;
        _compared += trial.Compared;
        for (int i = 0; i < _struck.Length; i++)
        {
            _struck[i] += trial.Struck[i];
        }

        if (trial.Promise is { } promise)
        {
            Bad++;
            _broken[promise] = _broken.GetValueOrDefault(promise) + 1;
        }
    }

    public override string ToString()
    {
        string faults = string.Join(", ", Enum.GetValues<FaultKind>().Select(kind => $"{kind} {_struck[(int)kind]}"));
        string broken = Bad == 0 ? "no promise broken" : $"{Bad} broke a promise: " + string.Join(", ", _broken.Select(pair => $"{pair.Key} {pair.Value}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Seeds} seeds, {_simulatedMs / 3_600_000.0:0.0} simulated hours, {_happened:N0} events, {_compared:N0} comparisons with the truth; {broken}\nfaults: {faults}");
    }
}
