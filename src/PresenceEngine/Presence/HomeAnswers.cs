using Presence.Protocol;

namespace Presence.Engine;

/// <summary>What a home says to who asks. Of nobody more than it knows: UNKNOWN, where neither online nor offline may be true.</summary>
internal sealed class HomeAnswers(Shard shard, Recovery recovery, FailedReads failed, EarlyReads early)
{
    private readonly UserTable _users = shard.Users;
    private readonly Presences _presences = shard.Presences;

    /// <summary>What is shown of users; of those who are not in memory what the store keeps, once it has said so.</summary>
    public void Ask(Question question)
    {
        List<int>? misses = null;
        for (int i = 0; i < question.UserIds.Length; i++)
        {
            shard.Home.HandOver.Follow(question.UserIds[i]);
            if (question.Told is { } told)
            {
                shard.Home.HandOver.Outbid(question.UserIds[i], told[i]);
            }

            if (TryAnswer(question, i))
            {
                continue;
            }

            if (CanTell(question.UserIds[i]))
            {
                (misses ??= []).Add(i);
            }
            else
            {
                question.States[i] = recovery.Unknown(question.UserIds[i]);
            }
        }

        if (misses is null)
        {
            shard.Answer(question);
            return;
        }

        var ids = new ulong[misses.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = question.UserIds[misses[i]];
        }

        shard.Store.Read(new QuestionLoad(shard, question, ids, [.. misses]));
    }

    public void Answer(QuestionLoad load)
    {
        if (failed.Takes(load) || early.Takes(load))
        {
            return;
        }

        for (int i = 0; i < load.Places.Length; i++)
        {
            int place = load.Places[i];
            if (!TryAnswer(load.Question, place))
            {
                load.Question.States[place] = StateOfAbsent(load.UserIds[i], load.Records[i]);
                load.Question.AskerIsInvisible |= load.UserIds[i] == load.Question.Pending.Asker && Records.IsInvisible(load.Records[i]);
            }
        }

        shard.Answer(load.Question);
    }

    /// <summary>Answers a change that has been made already with what is visible now.</summary>
    public void Report(StatusChange change)
    {
        int entry = _users.Find(change.UserId);
        if (entry >= 0 && !_users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere))
        {
            shard.Journal.Answer(change, _presences.StateOf(entry));
        }
        else if (shard.CanKnow(change.UserId))
        {
            shard.Store.Read(new ReportLoad(shard, change));
        }
        else
        {
            shard.Journal.Answer(change, recovery.Unknown(change.UserId));
        }
    }

    /// <summary>Answers a change with what the store keeps of a user who is not in memory.</summary>
    public void Report(ReportLoad load)
    {
        if (failed.Takes(load) || early.Takes(load))
        {
            return;
        }

        int entry = _users.Find(load.Change.UserId);
        bool known = entry >= 0 && !_users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere);
        shard.Journal.Answer(load.Change, known ? _presences.StateOf(entry) : StateOfAbsent(load.Change.UserId, load.Records[0]));
    }

    // A user who is being loaded is answered as of before: the transition follows under a higher version. Without a slot nobody can work out what follows.
    private PresenceState StateOfAbsent(ulong userId, in UserRecord record) =>
        !CanTell(userId) || (Recovery.Concerns(record) && _users.Find(userId) < 0) ? recovery.Unknown(userId) : Records.StateOf(userId, record);

    private bool CanTell(ulong userId) => shard.CanKnow(userId) && !(_users.Find(userId) is >= 0 and var entry && _users[entry].Has(UserFlags.Warming));

    private bool TryAnswer(Question question, int place)
    {
        int entry = _users.Find(question.UserIds[place]);
        if (entry < 0 || _users[entry].Has(UserFlags.Loading | UserFlags.Elsewhere))
        {
            return false;
        }

        question.States[place] = _presences.StateOf(entry);
        question.AskerIsInvisible |= _users[entry].UserId == question.Pending.Asker && _users[entry].Has(UserFlags.Invisible);
        return true;
    }
}
