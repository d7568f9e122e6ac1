using System.Globalization;

namespace Presence.LoadClient.Measuring;

/// <summary>
/// Judges what watchers and the users themselves are told about users that lose their connection and come back: nobody may be shown
/// offline before the hold is over, and one that is back within it must have been seen to be away by nobody.
/// </summary>
/// <remarks>
/// All times are the generator's. The server hears of a loss later than it happened, so that its hold ends later than ours, but for the whole
/// milliseconds in which it counts (<see cref="_serverUnit"/>): what is wrong here is wrong by any clock. Beyond the hold the server's own word counts: Welcome says whether anybody saw the user go.
/// </remarks>
/// <param name="users">How many, numbered from 0.</param>
/// <param name="firstUser">The id of user number 0.</param>
internal sealed class Absences(int users, ulong firstUser)
{
    /// <summary>How many wrongs are described.</summary>
    private const int Described = 5;

    // A loss in the middle of a millisecond is held from its beginning.
    private static readonly TimeSpan _serverUnit = TimeSpan.FromMilliseconds(1);

    private readonly TimeSpan[] _lost = new TimeSpan[users];
    private readonly TimeSpan[] _heldUntil = new TimeSpan[users];
    private readonly bool[] _mayBeOffline = new bool[users];
    private readonly int[] _seenToGo = new int[users];
    private readonly List<string> _wrong = [];

    /// <summary>h, as the server says; zero until everybody has come up for the first time: until then nothing is judged.</summary>
    public TimeSpan Hold { get; set; }

    /// <summary>Entries that said OFFLINE of a user whose hold was not over.</summary>
    public long FalseOfflines { get; private set; }

    /// <summary>Users that were back within the hold, of whom the server says that they were seen to go.</summary>
    public long NotResumed { get; private set; }

    /// <summary>Users that came back after the hold: they, or the server, were too slow.</summary>
    public long TooLate { get; private set; }

    /// <summary>The first few wrongs, a sentence each.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>How often a user was away and seen to go, as its Welcomes say.</summary>
    public int SeenToGo(int user) => _seenToGo[user];

    /// <summary>When the hold of a user that is away is over, or was the last time.</summary>
    public TimeSpan HeldUntil(int user) => _heldUntil[user];

    /// <summary>A user's connection is lost.</summary>
    public void Lost(int user, TimeSpan now)
    {
        _lost[user] = now;
        _heldUntil[user] = now + Hold;
        _mayBeOffline[user] = true;
    }

    /// <summary>The server gave a user a slot to come back: it is held until h after that.</summary>
    public void Paced(int user, TimeSpan slot) => _heldUntil[user] = Longer(_heldUntil[user], slot + Hold);

    /// <summary>A user is back.</summary>
    /// <param name="isResumed">The server says that nobody saw it go.</param>
    public void Returned(int user, bool isResumed, TimeSpan now)
    {
        bool isInTime = now < _heldUntil[user];
        TooLate += isInTime ? 0 : 1;
        _seenToGo[user] += isResumed ? 0 : 1;
        // What a watcher reads only now may have been written before the user was back.
        _mayBeOffline[user] = !isResumed;
        if (isInTime && !isResumed)
        {
            NotResumed++;
            Describe($"user {Id(user)} was back after {Away(user, now):0.00} s and was not resumed; {HeldFor}");
        }
    }

    /// <summary>A watcher was told that a user is offline.</summary>
    /// <returns>False when that is wrong.</returns>
    public bool SeenOffline(ulong watcher, int user, TimeSpan now)
    {
        if (Hold == TimeSpan.Zero || (_mayBeOffline[user] && now >= _heldUntil[user] - _serverUnit))
        {
            return true;
        }

        FalseOfflines++;
        Describe(_lost[user] == TimeSpan.Zero
            ? (FormattableString)$"user {watcher} was told that user {Id(user)} is offline; it never was away"
            : $"user {watcher} was told that user {Id(user)} is offline, {Away(user, now):0.000} s after it was lost; {HeldFor}");
        return false;
    }

    private string HeldFor => Text($"it is held for {Hold.TotalSeconds} s");

    private ulong Id(int user) => firstUser + (ulong)user;

    private double Away(int user, TimeSpan now) => (now - _lost[user]).TotalSeconds;

    private void Describe(FormattableString wrong)
    {
        if (_wrong.Count < Described)
        {
            _wrong.Add(Text(wrong));
        }
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
