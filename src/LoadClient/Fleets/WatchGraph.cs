using Presence.LoadClient.Measuring;

namespace Presence.LoadClient.Fleets;

/// <summary>Who watches whom.</summary>
internal static class WatchGraph
{
    /// <summary>Each user watches others, drawn at random, none twice and never itself.</summary>
    /// <param name="users">How many there are.</param>
    /// <param name="watches">How many each watches; less than <paramref name="users"/>.</param>
    /// <param name="firstUser">The id of user number 0.</param>
    /// <returns>By the number of the watcher: ids, ascending.</returns>
    public static ulong[][] Draw(int users, int watches, ulong firstUser, Random random)
    {
        var graph = new ulong[users][];
        HashSet<int> drawn = [];
        for (int watcher = 0; watcher < users; watcher++)
        {
            drawn.Clear();
            while (drawn.Count < watches)
            {
                int other = random.Next(users);
                if (other != watcher)
                {
                    drawn.Add(other);
                }
            }

            graph[watcher] = [.. drawn.Select(user => firstUser + (ulong)user).Order()];
        }

        return graph;
    }

    /// <summary>Watchers who are none of the watched: each watches some of them, drawn at random, none twice.</summary>
    /// <inheritdoc cref="Draw"/>
    /// <param name="watchers">How many there are.</param>
    public static View[] DrawOutside(int watchers, int users, int watches, ulong firstUser, Random random)
    {
        int[] all = [.. Enumerable.Range(0, users)];
        var views = new View[watchers];
        for (int watcher = 0; watcher < watchers; watcher++)
        {
            // The first of a shuffle that goes only as far as it is needed.
            for (int n = 0; n < watches; n++)
            {
                int other = random.Next(n, users);
                (all[n], all[other]) = (all[other], all[n]);
            }

            views[watcher] = new View([.. all.Take(watches).Select(user => firstUser + (ulong)user).Order()]);
        }

        return views;
    }

    /// <summary>How many watch each user.</summary>
    public static int[] CountWatchers(ulong[][] graph, ulong firstUser)
    {
        var counts = new int[graph.Length];
        foreach (ulong user in graph.SelectMany(static watched => watched))
        {
            counts[user - firstUser]++;
        }

        return counts;
    }
}
