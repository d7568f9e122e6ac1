using Presence.Protocol;

namespace Presence.Engine;

/// <summary>Questions to homes on other nodes. One that is not answered in time is answered UNKNOWN, as of the last word of that node.</summary>
internal sealed class RemoteQuestions(Shard shard)
{
    // A home that has not answered by then is one that nobody reaches.
    private const long AnswerWithinMs = 2_000;

    private readonly Dictionary<ulong, (Question Question, int Node, long Until)> _asked = [];
    private readonly List<ulong> _over = [];
    private ulong _lastId = RemoteHomes.FirstId(shard);

    /// <summary>Those that are not answered.</summary>
    public int Waiting => _asked.Count;

    public void Ask(int node, Question question)
    {
        if (shard.Nodes!.To(node) is not { } batch)
        {
            AnswerUnknown(question, node);
            return;
        }

        _asked[++_lastId] = (question, node, shard.Time.Now + AnswerWithinMs);
        batch.Ask(new(_lastId, question.Pending.Asker, question.UserIds) { Told = question.Told });
    }

    public void Answer(in PeerAnswer answer)
    {
        if (_asked.Remove(answer.Id, out (Question Question, int Node, long Until) asked) && answer.States.Length == asked.Question.UserIds.Length)
        {
            answer.States.CopyTo(asked.Question.States, 0);
            asked.Question.AskerIsInvisible = answer.AskerIsInvisible;
            shard.Watching.Answered(asked.Question);
        }
    }

    /// <inheritdoc cref="RemoteHomes.Lost"/>
    public void Lost(int node)
    {
        _over.AddRange(_asked.Where(one => one.Value.Node == node).Select(static one => one.Key));
        FailThoseOver();
    }

    /// <inheritdoc cref="RemoteHomes.Tick"/>
    public void Tick()
    {
        long now = shard.Time.Now;
        foreach ((ulong id, (Question Question, int Node, long Until) one) in _asked)
        {
            if (one.Until <= now)
            {
                _over.Add(id);
            }
        }

        FailThoseOver();
    }

    private void FailThoseOver()
    {
        foreach (ulong id in _over)
        {
            if (_asked.Remove(id, out (Question Question, int Node, long Until) asked))
            {
                AnswerUnknown(asked.Question, asked.Node);
            }
        }

        _over.Clear();
    }

    private void AnswerUnknown(Question question, int node)
    {
        long asOfMs = shard.Nodes!.Heard.LastWordMs(node);
        for (int i = 0; i < question.UserIds.Length; i++)
        {
            question.States[i] = PresenceState.Unknown(question.UserIds[i], asOfMs);
        }

        shard.Watching.Answered(question);
    }
}
