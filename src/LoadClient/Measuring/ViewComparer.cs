using Presence.LoadClient.Connections;
using Presence.LoadClient.Reports;
using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>A watcher that sees something else than the truth.</summary>
internal readonly record struct WrongView(ulong Watcher, ulong User, string Sees, string Truth);

/// <summary>What came of a comparison.</summary>
/// <param name="Compared">Watched users of all watchers.</param>
/// <param name="Wrong">How many of them are not seen as they are.</param>
/// <param name="First">The first few.</param>
internal sealed record Comparison(long Compared, long Wrong, IReadOnlyList<WrongView> First)
{
    public IEnumerable<SummaryRow> Rows() => [SummaryRow.Of("views (compared · wrong)", $"{Compared} · {Wrong}")];

    public IEnumerable<string> FindWrong()
    {
        if (Wrong > First.Count)
        {
            yield return $"{Wrong} of {Compared} views are not the truth; the first are";
        }

        foreach (WrongView view in First)
        {
            yield return $"user {view.Watcher} sees user {view.User} as {view.Sees}; it is {view.Truth}";
        }
    }
}

/// <summary>Holds what watchers see against the truth.</summary>
/// <param name="firstUser">The id of user number 0.</param>
/// <param name="isUp">Whether a user's session lives: of those that do not, nothing is claimed.</param>
/// <param name="mayBeSaidAgain">The same status under a later version than that of the Ack is right: another node has said it again.</param>
internal sealed class ViewComparer(Truth truth, ulong firstUser, Func<int, bool> isUp, bool mayBeSaidAgain = false)
{
    /// <summary>How many wrong views are named.</summary>
    private const int Named = 5;

    /// <param name="watchers">Those that are up; of what others see nothing is claimed.</param>
    public Comparison Compare(IEnumerable<(ulong Id, View View)> watchers)
    {
        long compared = 0, wrong = 0;
        List<WrongView> first = [];
        foreach ((ulong watcher, View view) in watchers)
        {
            for (int n = 0; n < view.Watched.Length; n++)
            {
                SeenEntry seen = view[n];
                int user = (int)(seen.UserId - firstUser);
                if (!isUp(user) || !truth.IsKnown(user))
                {
                    continue;
                }

                compared++;
                if (IsRight(user, seen))
                {
                    continue;
                }

                wrong++;
                if (first.Count < Named)
                {
                    first.Add(new WrongView(watcher, seen.UserId, Describe(seen), Describe(user)));
                }
            }
        }

        return new Comparison(compared, wrong, first);
    }

    private bool IsRight(int user, in SeenEntry seen) =>
        seen.Status == truth.StatusOf(user)
        && (truth.VersionOf(user) == 0 || seen.Version == truth.VersionOf(user) || (mayBeSaidAgain && seen.Version > truth.VersionOf(user)));

    private string Describe(int user) => Describe(new SeenEntry(0, truth.VersionOf(user), truth.StatusOf(user)));

    private static string Describe(in SeenEntry entry) =>
        entry.Status == Status.Unspecified ? "nothing"
        : entry.Version == 0 ? $"{entry.Status}"
        : $"{entry.Status} version {entry.Version}";
}
