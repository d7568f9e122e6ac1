using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>What every user must be seen as, computed from the plan and from how far each link is with it.</summary>
internal sealed class PlannedTruth(Population population, ChangeFeed feed)
{
    /// <summary>Nobody has changed yet: all are ONLINE.</summary>
    public bool IsUntouched => feed.Taken == 0;

    /// <summary>Exactly what its link has said of a user.</summary>
    public Status StatusOf(long user)
    {
        UserChanges changes = feed.Plan.Of(user);
        return changes.After(changes.Among(LinkOf(user).SaidBelow));
    }

    /// <summary>
    /// Which of its changes a user's status comes from: the latest that has been said and fits, as far back as may still be under way.
    /// </summary>
    /// <param name="count">That it was the count-th, from 1; 0: the status it began with.</param>
    /// <returns>False: the user cannot be seen so.</returns>
    public bool TryExplain(long user, Status status, TimeSpan now, out UserChanges changes, out long count)
    {
        changes = feed.Plan.Of(user);
        LinkChanges link = LinkOf(user);
        long oldest = changes.Among(link.SettledBelow(now));
        for (count = changes.Among(link.SaidBelow); count >= oldest; count--)
        {
            if (changes.After(count) == status)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>From when a change's latency counts.</summary>
    public TimeSpan IntendedAt(long user, long number)
    {
        TimeSpan due = feed.DueAt(number), back = LinkOf(user).BackAt;
        return due > back ? due : back;
    }

    private LinkChanges LinkOf(long user) => feed.Links[population.LinkOf(user)];
}
