using Presence.Protocol;

namespace Presence.LoadClient.Links;

/// <summary>What a user is in an answer.</summary>
internal enum NamedAs
{
    Asked,
    Twice,
    NotAsked,
}

/// <summary>
/// A question that waits for its answer: who is asked about, and who of them was answered. A server answers in any order, so the ids are
/// kept sorted and each that comes is looked up: ten comparisons at most. To be used again for another question.
/// </summary>
internal sealed class OpenQuestion
{
    private readonly ulong[] _ids = new ulong[ProtocolLimits.MaxIdsPerRequest];
    private readonly bool[] _isAnswered = new bool[ProtocolLimits.MaxIdsPerRequest];
    private int _count;

    /// <summary>Users not answered yet.</summary>
    public int Left { get; private set; }

    /// <summary>When it was meant to be asked.</summary>
    public TimeSpan Intended { get; private set; }

    /// <summary>Nothing is under way: the answer must be what is planned.</summary>
    public bool IsExact { get; private set; }

    /// <param name="userIds">Each once.</param>
    public void Begin(ReadOnlySpan<ulong> userIds, TimeSpan intended, bool isExact)
    {
        (_count, Left, Intended, IsExact) = (userIds.Length, userIds.Length, intended, isExact);
        userIds.CopyTo(_ids);
        _ids.AsSpan(0, _count).Sort();
        _isAnswered.AsSpan(0, _count).Clear();
    }

    /// <summary>The answer names a user.</summary>
    public NamedAs Take(ulong userId)
    {
        int index = _ids.AsSpan(0, _count).BinarySearch(userId);
        if (index < 0)
        {
            return NamedAs.NotAsked;
        }

        if (_isAnswered[index])
        {
            return NamedAs.Twice;
        }

        _isAnswered[index] = true;
        Left--;
        return NamedAs.Asked;
    }

    /// <summary>Tells of each user that was not answered.</summary>
    public void TellLeft(AnswerFaults faults)
    {
        for (int i = 0; i < _count && Left > 0; i++)
        {
            if (!_isAnswered[i])
            {
                faults.AddLeftOut(_ids[i]);
            }
        }
    }
}
