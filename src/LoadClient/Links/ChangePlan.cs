using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>
/// Who changes when, without memory: change number k, and what any user is after the first n changes, are computed. Users take their turn
/// in a shuffled order; a turn is a <em>story</em> of five changes that begins and ends ONLINE. Stories run in waves: the first change of
/// every story of a wave, then the second of each, and so on, so two changes of one user are always a wave apart.
/// </summary>
internal sealed class ChangePlan
{
    /// <summary>Changes of a story.</summary>
    public const int Steps = 5;

    // Four ways to go. The same status comes back after three changes at the earliest: a watcher that is less than that behind can tell
    // which change it is told of. Each differs from the status before it, so each is a transition.
    private static readonly Status[] _stories =
    [
        Status.Offline, Status.Online, Status.Away, Status.Busy, Status.Online,
        Status.Busy, Status.Offline, Status.Away, Status.Busy, Status.Online,
        Status.Away, Status.Offline, Status.Busy, Status.Away, Status.Online,
        Status.Offline, Status.Away, Status.Busy, Status.Offline, Status.Online,
    ];

    private readonly Permutation _order;
    private readonly long _users;
    private readonly long _perWave;

    /// <param name="users">How many there are.</param>
    /// <param name="storiesPerWave">Stories that run at a time; more than there are users counts as that many.</param>
    public ChangePlan(long users, long storiesPerWave, ulong seed)
    {
        _users = users;
        _perWave = Math.Clamp(storiesPerWave, 1, users);
        _order = new Permutation(users, seed);
    }

    /// <summary>How many changes lie between two of the same user; so many in a row are all of different users.</summary>
    public long Apart => _perWave;

    public Change this[long number]
    {
        get
        {
            (long wave, long within) = Math.DivRem(number, Steps * _perWave);
            (long step, long story) = Math.DivRem(within, _perWave);
            story += wave * _perWave;
            return new Change(number, UserOf(story), StatusAt(story, step));
        }
    }

    /// <summary>The user whose turn a story is.</summary>
    public long UserOf(long story) => _order[story % _users];

    /// <summary>The changes of one user.</summary>
    public UserChanges Of(long user) => new(this, _order.PlaceOf(user));

    /// <summary>Stories that have begun with the first so many changes.</summary>
    public long Begun(long changes)
    {
        (long wave, long within) = Math.DivRem(changes, Steps * _perWave);
        return (wave * _perWave) + Math.Min(within, _perWave);
    }

    /// <summary>How many changes of a user are among the first <paramref name="changes"/>.</summary>
    /// <param name="firstStory">The user's.</param>
    internal long CountOf(long firstStory, long changes)
    {
        long begun = Begun(changes);
        if (begun <= firstStory)
        {
            return 0;
        }

        // All stories of a user but the latest lie in earlier waves: they are over.
        long round = (begun - 1 - firstStory) / _users;
        long latest = firstStory + (round * _users);
        long sinceItsFirst = changes - NumberOf(latest, 0);
        return (round * Steps) + Math.Min(Steps, (sinceItsFirst + _perWave - 1) / _perWave);
    }

    /// <summary>The status after a user's first <paramref name="count"/> changes.</summary>
    internal Status After(long firstStory, long count)
    {
        if (count == 0)
        {
            return Status.Online;
        }

        (long round, long step) = Math.DivRem(count - 1, Steps);
        return StatusAt(firstStory + (round * _users), step);
    }

    /// <summary>The number of a user's n-th change, from 1.</summary>
    internal long NumberOfChange(long firstStory, long count)
    {
        (long round, long step) = Math.DivRem(count - 1, Steps);
        return NumberOf(firstStory + (round * _users), step);
    }

    private long NumberOf(long story, long step)
    {
        (long wave, long within) = Math.DivRem(story, _perWave);
        return (((wave * Steps) + step) * _perWave) + within;
    }

    private static Status StatusAt(long story, long step) => _stories[((story & 3) * Steps) + step];
}
