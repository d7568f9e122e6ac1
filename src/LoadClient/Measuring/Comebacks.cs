using System.Globalization;

namespace Presence.LoadClient.Measuring;

/// <summary>
/// Judges what watchers are told of users whose node fails under them: who is back within the hold, whatever node lets it in, was seen to go by nobody; who stays away is seen to go, and not before the hold is over.
/// </summary>
/// <remarks>
/// All times are the generator's. What holds a user begins no earlier than its connection is lost here, so who is told as offline too early by our reckoning is so by any.
/// </remarks>
/// <param name="users">How many, numbered from 0.</param>
/// <param name="leavers">The first so many stay away from their first loss on.</param>
/// <param name="firstUser">The id of user number 0.</param>
internal sealed class Comebacks(int users, int leavers, ulong firstUser)
{
    /// <summary>How many wrongs are described.</summary>
    private const int Described = 5;

    // A loss in the middle of a millisecond is held from its beginning.
    private static readonly TimeSpan _serverUnit = TimeSpan.FromMilliseconds(1);

    private readonly TimeSpan[] _lost = new TimeSpan[users];
    private readonly TimeSpan[] _heldUntil = new TimeSpan[users];
    private readonly bool[] _isAway = new bool[users];
    private readonly bool[] _wasLate = new bool[users];
    private readonly List<string> _wrong = [];

    /// <summary>h, as the server says; zero until everybody has come up for the first time: until then nothing is judged.</summary>
    public TimeSpan Hold { get; set; }

    /// <summary>Times that somebody was lost who comes back.</summary>
    public long Losses { get; private set; }

    /// <summary>Times that somebody was back before its hold was over.</summary>
    public long InTime { get; private set; }

    /// <summary>Times that somebody came back later than that.</summary>
    public long Late { get; private set; }

    /// <summary>Times that a watcher was told as offline of somebody who was here, or was back in time.</summary>
    public long SeenToGo { get; private set; }

    /// <summary>Times that a watcher was told as offline of somebody who was late.</summary>
    public long LateSeenToGo { get; private set; }

    /// <summary>Leavers who have left.</summary>
    public int Left { get; private set; }

    /// <summary>Times that a watcher was told of a leaver as offline before its hold was over.</summary>
    public long GoneTooEarly { get; private set; }

    /// <summary>From the loss of a leaver to a watcher being told.</summary>
    public Latencies GoneAfter { get; } = new();

    /// <summary>The first few wrongs, a sentence each.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    public bool IsLeaver(int user) => user < leavers && Hold > TimeSpan.Zero;

    /// <summary>A leaver that has left.</summary>
    public bool HasLeft(int user) => IsLeaver(user) && _isAway[user];

    /// <summary>A user's connection is lost.</summary>
    public void Lost(int user, TimeSpan now)
    {
        _lost[user] = now;
        _heldUntil[user] = now + Hold;
        _isAway[user] = true;
        _wasLate[user] = false;
        (Left, Losses) = IsLeaver(user) ? (Left + 1, Losses) : (Left, Losses + 1);
    }

    /// <summary>The server gave a user a slot to come back: it is held until h after that.</summary>
    public void Paced(int user, TimeSpan slot) => _heldUntil[user] = slot + Hold > _heldUntil[user] ? slot + Hold : _heldUntil[user];

    /// <summary>A user is back, on whatever node.</summary>
    public void Returned(int user, TimeSpan now)
    {
        _isAway[user] = false;
        _wasLate[user] = now >= _heldUntil[user];
        (InTime, Late) = _wasLate[user] ? (InTime, Late + 1) : (InTime + 1, Late);
    }

    /// <summary>A watcher was told that a user is offline, which it did not know.</summary>
    public void SeenOffline(ulong watcher, int user, TimeSpan now)
    {
        if (Hold == TimeSpan.Zero)
        {
            return;
        }

        bool isHeld = now < _heldUntil[user] - _serverUnit;
        if (HasLeft(user))
        {
            LeaverSeen(watcher, user, isHeld, now);
        }
        else if ((_isAway[user] || _wasLate[user]) && !isHeld)
        {
            LateSeenToGo++;
        }
        else
        {
            SeenToGo++;
            Describe(_lost[user] == TimeSpan.Zero
                ? (FormattableString)$"user {watcher} was told that user {Id(user)} is offline, {now.TotalSeconds:0.0} s into the run; it never was away"
                : $"user {watcher} was told that user {Id(user)} is offline, {Away(user, now):0.000} s after it was lost{(_isAway[user] ? "" : " and it is back")}; it is held for {Hold.TotalSeconds} s");
        }
    }

    private void LeaverSeen(ulong watcher, int user, bool isHeld, TimeSpan now)
    {
        GoneAfter.Add(now - _lost[user]);
        if (isHeld)
        {
            GoneTooEarly++;
            Describe($"user {watcher} was told that user {Id(user)}, who stays away, is offline {Away(user, now):0.000} s after it was lost; it is held for {Hold.TotalSeconds} s");
        }
    }

    private ulong Id(int user) => firstUser + (ulong)user;

    private double Away(int user, TimeSpan now) => (now - _lost[user]).TotalSeconds;

    private void Describe(FormattableString wrong)
    {
        if (_wrong.Count < Described)
        {
            _wrong.Add(wrong.ToString(CultureInfo.InvariantCulture));
        }
    }
}
