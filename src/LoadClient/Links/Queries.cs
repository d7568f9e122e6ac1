using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Links;

/// <summary>The questions of one link that wait for their answer.</summary>
internal sealed class Queries(GatewayLink gateway, LoadPlan plan)
{
    private readonly Dictionary<ulong, OpenQuestion> _open = [];
    private readonly Stack<OpenQuestion> _spare = new();
    private ulong _last;

    /// <summary>Ids asked about.</summary>
    public long Asked { get; private set; }

    /// <summary>Ids answered that were asked about.</summary>
    public long Answered { get; private set; }

    /// <summary>Ids whose answer went with the connection.</summary>
    public long LostIds { get; private set; }

    public int Open => _open.Count;

    /// <param name="userIds">Each once.</param>
    /// <param name="isExact">Nothing is under way: the answers must be what is planned.</param>
    public void Ask(ReadOnlySpan<ulong> userIds, TimeSpan intended, bool isExact)
    {
        gateway.Query(++_last, userIds);
        OpenQuestion question = _spare.TryPop(out OpenQuestion? spare) ? spare : new OpenQuestion();
        question.Begin(userIds, intended, isExact);
        _open.Add(_last, question);
        Asked += userIds.Length;
    }

    /// <summary>Takes an entry of an answer.</summary>
    public void Take(ulong request, in SeenEntry entry, TimeSpan now)
    {
        OpenQuestion? question = _open.GetValueOrDefault(request);
        switch (question?.Take(entry.UserId) ?? NamedAs.NotAsked)
        {
            case NamedAs.Asked:
                plan.Judge.Answered(entry, question!.IsExact, now);
                Answered++;
                break;
            case NamedAs.Twice:
                plan.Judge.Answers.AddTwice(entry.UserId);
                break;
            default:
                plan.Judge.Answers.AddNotAsked(entry.UserId);
                break;
        }
    }

    /// <summary>The answer is over: whom it did not name it leaves out wrongly.</summary>
    public void End(ulong request, TimeSpan now)
    {
        if (_open.Remove(request, out OpenQuestion? question))
        {
            question.TellLeft(plan.Judge.Answers);
            if (!question.IsExact)
            {
                plan.ReadLatency.Add(now - question.Intended);
            }

            _spare.Push(question);
        }
    }

    /// <summary>The server refused to answer.</summary>
    public void Refuse(ulong request) => Forget(request);

    public void OnLost()
    {
        foreach (ulong request in _open.Keys)
        {
            Forget(request);
        }
    }

    private void Forget(ulong request)
    {
        if (_open.Remove(request, out OpenQuestion? question))
        {
            LostIds += question.Left;
            _spare.Push(question);
        }
    }
}
