using System.Globalization;
using Presence.LoadClient.Connections;
using Presence.V1;

namespace Presence.LoadClient.Measuring;

/// <summary>
/// Judges what watchers are told once their server was lost and is back. Nobody who comes back was seen to go or to change, what was
/// acknowledged is there, and who stays away goes at its time, as of the moment at which the server was lost.
/// </summary>
/// <remarks>
/// All times are the generator's. It is heard of the server's return after it happened, so who goes at the right moment goes a little
/// earlier than by our reckoning: what is too early is therefore counted from the loss, what is too late from the return.
/// </remarks>
/// <param name="truth">What users said, and was acknowledged, before.</param>
/// <param name="leavers">Users from number 0 who stay away from the last loss on.</param>
internal sealed class RestartJudge(Truth truth, int users, int leavers)
{
    /// <summary>How far from the loss the last sign of life of who stays away may be: a server states one each second.</summary>
    public static readonly TimeSpan LastActiveWithin = TimeSpan.FromSeconds(2);

    /// <summary>How much later than it must somebody may be seen to go.</summary>
    public static readonly TimeSpan LateBy = TimeSpan.FromSeconds(1);

    /// <summary>How many wrongs are described.</summary>
    private const int Described = 5;

    // A change of it was under way when the server was lost: it may have happened or not.
    private readonly bool[] _isDoubtful = new bool[users];
    private readonly List<string> _wrong = [];
    private double _serverClockAhead = double.MinValue;
    private TimeSpan? _lost;
    private TimeSpan? _back;
    private bool _isLast;

    /// <summary>d + 4δ; zero until everybody has come up for the first time: until then nothing is judged.</summary>
    public TimeSpan RecoversFor { get; set; }

    public TimeSpan? LostAt => _lost;

    /// <summary>When the server welcomed somebody again; null: not yet.</summary>
    public TimeSpan? BackAt => _back;

    /// <summary>Changes seen of users who had said nothing new.</summary>
    public long Transitions { get; private set; }

    /// <summary>Times that somebody was told as offline who is to come back, or was here.</summary>
    public long FalseOfflines { get; private set; }

    /// <summary>Times that somebody was told as it was before a change that the server had acknowledged.</summary>
    public long LostChanges { get; private set; }

    /// <summary>Times that somebody was told as UNKNOWN: the server had not loaded its record yet.</summary>
    public long Unknown { get; private set; }

    /// <summary>Times that a leaver was seen to go.</summary>
    public long Gone { get; private set; }

    public long GoneTooEarly { get; private set; }

    public long GoneTooLate { get; private set; }

    public long WrongLastActive { get; private set; }

    /// <summary>The farthest that the last sign of life of a leaver was from the loss, in milliseconds; negative: before it.</summary>
    public double FarthestLastActiveMs { get; private set; }

    /// <summary>From the server's return until a watcher was told that a leaver is gone.</summary>
    public Latencies GoneAfter { get; } = new();

    /// <summary>The first few wrongs, a sentence each.</summary>
    public IReadOnlyList<string> Wrong => _wrong;

    public bool IsLeaver(int user) => user < leavers;

    /// <summary>Users change again: nothing is judged until the next loss but who is told as offline.</summary>
    public void Forget()
    {
        _lost = _back = null;
        Array.Clear(_isDoubtful);
    }

    /// <summary>A session was lost; the first is the loss of the server.</summary>
    /// <param name="isLast">Of the last loss leavers do not come back.</param>
    public void Lost(int user, bool isLast, TimeSpan now)
    {
        _isLast = isLast;
        _lost ??= now;
        _isDoubtful[user] |= truth.UnackedOf(user) > 0 || !truth.IsKnown(user);
    }

    /// <summary>A session was welcomed.</summary>
    /// <returns>True: what the user said last is not known to have been taken.</returns>
    public bool Returned(int user, ulong serverTimeMs, TimeSpan now)
    {
        // The time that it took to be told makes the server's clock look behind: the least is nearest.
        _serverClockAhead = Math.Max(_serverClockAhead, serverTimeMs - now.TotalMilliseconds);
        if (_lost is not null)
        {
            _back ??= now;
        }

        return _isDoubtful[user];
    }

    /// <summary>A watcher was told something.</summary>
    /// <param name="isBack">On a connection that it has opened since the loss: what comes on an older one was said before.</param>
    /// <param name="isNews">It is not what the watcher held.</param>
    public void Seen(ulong watcher, int user, in SeenEntry entry, bool isBack, bool isNews, TimeSpan now)
    {
        if (RecoversFor == TimeSpan.Zero)
        {
            return;
        }

        if (entry.Status == Status.Unknown)
        {
            Unknown++;
        }
        else if (entry.Status == Status.Offline && isNews)
        {
            SeenOffline(watcher, user, entry, isBack, now);
        }
        else if (_lost is not null && isBack && !_isDoubtful[user] && !IsAsSaid(user, entry, isNews))
        {
            bool isOlder = entry.Version < truth.VersionOf(user);
            (LostChanges, Transitions) = isOlder ? (LostChanges + 1, Transitions) : (LostChanges, Transitions + 1);
            Describe($"user {watcher} was told that user {entry.UserId} is {entry.Status} version {entry.Version}; it is {truth.StatusOf(user)}, {VersionOf(user)}");
        }
    }

    private bool IsAsSaid(int user, in SeenEntry entry, bool isNews) =>
        entry.Version == truth.VersionOf(user) ? entry.Status == truth.StatusOf(user) : !isNews && entry.Version > truth.VersionOf(user);

    private void SeenOffline(ulong watcher, int user, in SeenEntry entry, bool isBack, TimeSpan now)
    {
        if (!IsLeaver(user) || !_isLast || _lost is not { } lost || _back is not { } back || !isBack)
        {
            FalseOfflines++;
            Describe($"user {watcher} was told that user {entry.UserId} is offline, who did not go");
            return;
        }

        Gone++;
        GoneAfter.Add(now - back);
        if (now < lost + RecoversFor)
        {
            GoneTooEarly++;
            Describe($"user {watcher} was told that user {entry.UserId} is offline {Seconds(now - lost)} after the server was lost; its users have {Seconds(RecoversFor)}");
        }
        else if (now > back + RecoversFor + LateBy)
        {
            GoneTooLate++;
            Describe($"user {watcher} was told that user {entry.UserId} is offline {Seconds(now - back)} after the server was back; its users have {Seconds(RecoversFor)}");
        }

        JudgeLastActive(entry, lost);
    }

    private void JudgeLastActive(in SeenEntry entry, TimeSpan lost)
    {
        double fromLoss = entry.LastActiveMs - (lost.TotalMilliseconds + _serverClockAhead);
        FarthestLastActiveMs = Math.Abs(fromLoss) > Math.Abs(FarthestLastActiveMs) ? fromLoss : FarthestLastActiveMs;
        if (Math.Abs(fromLoss) > LastActiveWithin.TotalMilliseconds)
        {
            WrongLastActive++;
            Describe($"user {entry.UserId} is said to have been active {Seconds(TimeSpan.FromMilliseconds(fromLoss))} from when the server was lost");
        }
    }

    private string VersionOf(int user) =>
        truth.VersionOf(user) is var version and > 0 ? string.Create(CultureInfo.InvariantCulture, $"version {version}") : "as it came";

    private void Describe(FormattableString wrong)
    {
        if (_wrong.Count < Described)
        {
            _wrong.Add(wrong.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.000} s");
}
