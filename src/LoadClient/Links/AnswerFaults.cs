namespace Presence.LoadClient.Links;

/// <summary>A user that an answer should not have named so, or should have named.</summary>
/// <param name="Fault">As a sentence says it behind the user.</param>
internal readonly record struct AnswerFault(ulong User, string Fault);

/// <summary>Counts answers about other users than those asked for, and names the first of each kind.</summary>
internal sealed class AnswerFaults
{
    /// <summary>Of each kind.</summary>
    private const int Named = 2;

    private readonly List<AnswerFault> _first = [];

    /// <summary>Users that answers did not name.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Users that were named again.</summary>
    public long Twice { get; private set; }

    /// <summary>Users named that the question was not about, or that no question waited for.</summary>
    public long NotAsked { get; private set; }

    public IReadOnlyList<AnswerFault> First => _first;

    public void AddLeftOut(ulong user) => Name(++LeftOut, user, "was left out of an answer");

    public void AddTwice(ulong user) => Name(++Twice, user, "was in an answer twice");

    public void AddNotAsked(ulong user) => Name(++NotAsked, user, "was in an answer and was not asked for");

    private void Name(long count, ulong user, string fault)
    {
        if (count <= Named)
        {
            _first.Add(new AnswerFault(user, fault));
        }
    }
}
