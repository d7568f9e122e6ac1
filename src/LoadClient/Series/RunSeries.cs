namespace Presence.LoadClient.Series;

/// <summary>
/// The samples of a run, one a second. A run that is longer than there is room for halves its resolution again and again, so that a
/// report of a week is as large as one of two hours.
/// </summary>
internal sealed class RunSeries
{
    /// <summary>An hour of seconds at least.</summary>
    public const int MostSamples = 7_200;

    private readonly List<Sample> _samples = [];

    /// <summary>How far apart samples are to be taken from now on.</summary>
    public TimeSpan Period { get; private set; } = TimeSpan.FromSeconds(1);

    public IReadOnlyList<Sample> Samples => _samples;

    public void Add(Sample sample)
    {
        if (_samples.Count == MostSamples)
        {
            Halve();
        }

        _samples.Add(sample);
    }

    private void Halve()
    {
        for (int i = 0; i < MostSamples / 2; i++)
        {
            _samples[i] = Sample.Merge(_samples[2 * i], _samples[(2 * i) + 1]);
        }

        _samples.RemoveRange(MostSamples / 2, MostSamples / 2);
        Period *= 2;
    }
}
