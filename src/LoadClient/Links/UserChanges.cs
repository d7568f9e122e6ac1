using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>The changes of one user in a plan.</summary>
/// <param name="firstStory">The story that is the user's first turn.</param>
internal readonly struct UserChanges(ChangePlan plan, long firstStory)
{
    /// <summary>How many of them are among the first <paramref name="changes"/> of the run.</summary>
    public long Among(long changes) => plan.CountOf(firstStory, changes);

    /// <summary>The user's status after <paramref name="count"/> of them; ONLINE after none.</summary>
    public Status After(long count) => plan.After(firstStory, count);

    /// <summary>The number in the run of the user's <paramref name="count"/>-th change, from 1.</summary>
    public long NumberOf(long count) => plan.NumberOfChange(firstStory, count);
}
