using Presence.LoadClient.Connections;
using Presence.LoadClient.Measuring;
using Presence.V1;

namespace Presence.LoadClient.Links;

/// <summary>An entry that cannot be right.</summary>
/// <param name="Where">How it came.</param>
/// <param name="Expected">What the user is by the plan.</param>
internal readonly record struct WrongEntry(string Where, ulong User, string Sees, string Expected);

/// <summary>Holds every entry that arrives against the plan.</summary>
internal sealed class EntryJudge(Population population, PlannedTruth truth)
{
    /// <summary>How many wrong entries are named.</summary>
    private const int Named = 5;

    private readonly List<WrongEntry> _first = [];

    /// <summary>From the moment a change was meant to be said to its entry on a link.</summary>
    public Latencies ToldLatency { get; } = new();

    /// <summary>Entries of WatchAll and of answers that cannot be right.</summary>
    public long Wrong { get; private set; }

    /// <summary>Users that came up, told of before the first change.</summary>
    public long Arrivals { get; private set; }

    /// <summary>Links were told of users who belong to somebody else.</summary>
    public long Strangers { get; private set; }

    /// <summary>Answers judged exactly.</summary>
    public long Verified { get; private set; }

    /// <summary>Answers about other users than those asked for.</summary>
    public AnswerFaults Answers { get; } = new();

    public IReadOnlyList<WrongEntry> First => _first;

    /// <summary>A link was told of a change.</summary>
    public void Told(Witness witness, in SeenEntry entry, TimeSpan now)
    {
        if (!population.TryFind(entry.UserId, out long user))
        {
            Strangers++;
        }
        else if (truth.IsUntouched && entry.Status == Status.Online)
        {
            Arrivals++;
        }
        else if (!truth.TryExplain(user, entry.Status, now, out UserChanges changes, out long count) || count == 0)
        {
            Add("a link was told", user, entry.Status);
        }
        else
        {
            long number = changes.NumberOf(count);
            witness.Tell(number);
            ToldLatency.Add(now - truth.IntendedAt(user, number));
        }
    }

    /// <summary>A query was answered.</summary>
    /// <param name="entry">Of a user who was asked about.</param>
    public void Answered(in SeenEntry entry, bool isExact, TimeSpan now)
    {
        long user = population.NumberOf(entry.UserId);
        Verified += isExact ? 1 : 0;
        bool isRight = isExact ? truth.StatusOf(user) == entry.Status : truth.TryExplain(user, entry.Status, now, out _, out _);
        if (!isRight)
        {
            Add(isExact ? "the verification found" : "a read found", user, entry.Status);
        }
    }

    /// <summary>Somebody saw a user as it cannot be.</summary>
    public void Add(string where, long user, Status sees)
    {
        Wrong++;
        if (_first.Count < Named)
        {
            _first.Add(new WrongEntry(where, population.IdOf(user), $"{sees}", $"{truth.StatusOf(user)}"));
        }
    }
}
