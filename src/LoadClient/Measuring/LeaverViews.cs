using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>What those who are still there have been told of users who stay away.</summary>
/// <param name="Count">Watches of such a user by somebody who is up.</param>
/// <param name="StillShown">Those of them that do not say OFFLINE.</param>
internal readonly record struct LeaverViews(long Count, long StillShown)
{
    public static LeaverViews Of(IEnumerable<Session> watchers, Func<ulong, bool> hasLeft)
    {
        long count = 0, stillShown = 0;
        foreach (Session watcher in watchers)
        {
            for (int n = 0; n < watcher.View.Watched.Length; n++)
            {
                SeenEntry seen = watcher.View[n];
                if (hasLeft(seen.UserId))
                {
                    count++;
                    stillShown += seen.Status == Status.Offline ? 0 : 1;
                }
            }
        }

        return new(count, stillShown);
    }
}
