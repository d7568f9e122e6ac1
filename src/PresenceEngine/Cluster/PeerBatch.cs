using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What one shard says to one node at a time. Goes over the network; belongs to who has it.</summary>
public sealed class PeerBatch
{
    private readonly List<PeerQuestion> _questions = [];
    private readonly List<PeerAnswer> _answers = [];
    private int _usersAsked;

    /// <summary>The sender's clock.</summary>
    public ulong Clock { get; set; }

    /// <summary>All that the sender said up to this time holds, Unix ms of its clock.</summary>
    public long WatermarkMs { get; set; }

    /// <summary>The sender has named all of its sessions whose home is the receiver: since the reset, and by its ring.</summary>
    public bool IsComplete { get; set; }

    /// <summary>With <see cref="IsComplete"/>: how long who was at a node that is gone may still come back; null: the sender may not have heard of all of those.</summary>
    public long? GoneLeftMs { get; set; }

    /// <summary>How long the sender's clients are held, all of whom it has sent away; 0: it has not.</summary>
    public long SentAwayMs { get; set; }

    /// <summary>Of the ring that the sender follows.</summary>
    public long RingVersion { get; set; }

    /// <summary>Of the sender's node.</summary>
    public int Shards { get; set; }

    /// <summary>Transitions of the sender's users, the latest of each.</summary>
    public Dictionary<ulong, PresenceState> Changes { get; } = [];

    public List<SessionReport> Reports { get; } = [];

    public IReadOnlyList<PeerQuestion> Questions => _questions;

    public IReadOnlyList<PeerAnswer> Answers => _answers;

    public List<HomeWord> Words { get; } = [];

    /// <summary>Who names its set at the sender, all of them.</summary>
    public List<LinkNaming> Namings { get; } = [];

    public bool IsEmpty => Weight == 0 && !IsComplete;

    /// <summary>About how many users it says something of: bounds the bytes that it takes.</summary>
    public int Weight => Changes.Count + Reports.Count + Words.Count + _usersAsked;

    public void Ask(in PeerQuestion question)
    {
        _questions.Add(question);
        _usersAsked += question.UserIds.Length;
    }

    public void Answer(in PeerAnswer answer)
    {
        _answers.Add(answer);
        _usersAsked += answer.States.Length;
    }
}

/// <summary>An edge asks what is shown of users.</summary>
/// <param name="Id">The edge's.</param>
/// <param name="Asker">The user who asks, when it is one; else 0.</param>
public readonly record struct PeerQuestion(ulong Id, ulong Asker, ulong[] UserIds)
{
    /// <summary>What the edge's watchers have been told of each; null: nothing that matters.</summary>
    public PresenceState[]? Told { get; init; }
}

/// <param name="Id">Of the question.</param>
/// <param name="States">One for each id, in order.</param>
/// <param name="AskerIsInvisible">The asker is among them, and invisible.</param>
public readonly record struct PeerAnswer(ulong Id, PresenceState[] States, bool AskerIsInvisible);
