using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>How often each watcher saw each of the users it watches go, and come back.</summary>
/// <param name="views">Of the watchers, by their number.</param>
internal sealed class Sightings(IReadOnlyList<View> views)
{
    private readonly int[][] _went = [.. views.Select(static view => new int[view.Watched.Length])];
    private readonly int[][] _came = [.. views.Select(static view => new int[view.Watched.Length])];

    /// <summary>A watcher was told something new.</summary>
    public void Add(int watcher, ulong user, Status status)
    {
        int n = views[watcher].IndexOf(user);
        if (status == Status.Offline)
        {
            _went[watcher][n]++;
        }
        else if (_came[watcher][n] < _went[watcher][n])
        {
            _came[watcher][n]++;
        }
    }

    /// <summary>Counts the pairs of a watcher and a user; wrong is one in which it was not seen to go and to come as often as it did.</summary>
    /// <param name="times">How often that is, by the user's id.</param>
    public (long Compared, long Wrong) Compare(Func<ulong, int> times)
    {
        long compared = 0, wrong = 0;
        for (int watcher = 0; watcher < views.Count; watcher++)
        {
            for (int n = 0; n < views[watcher].Watched.Length; n++)
            {
                int expected = times(views[watcher].Watched[n]);
                compared++;
                wrong += _went[watcher][n] == expected && _came[watcher][n] == expected ? 0 : 1;
            }
        }

        return (compared, wrong);
    }
}
