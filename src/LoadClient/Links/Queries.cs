using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Links;

/// <summary>The questions of one link that wait for their answer.</summary>
internal sealed class Queries(GatewayLink gateway, LoadPlan plan)
{
    private readonly Dictionary<ulong, Question> _open = [];
    private ulong _last;

    /// <summary>Ids asked about.</summary>
    public long Asked { get; private set; }

    /// <summary>Ids answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Ids whose answer went with the connection.</summary>
    public long LostIds { get; private set; }

    public int Open => _open.Count;

    /// <param name="isExact">Nothing is under way: the answers must be what is planned.</param>
    public void Ask(ReadOnlySpan<ulong> userIds, TimeSpan intended, bool isExact)
    {
        gateway.Query(++_last, userIds);
        _open.Add(_last, new Question(userIds.Length, intended, isExact));
        Asked += userIds.Length;
    }

    /// <summary>Takes an entry of an answer.</summary>
    public void Take(ulong request, in SeenEntry entry, TimeSpan now)
    {
        if (!_open.TryGetValue(request, out Question question))
        {
            return;
        }

        plan.Judge.Answered(entry, question.IsExact, now);
        Answered++;
        _open[request] = question with { Left = question.Left - 1 };
    }

    /// <summary>The answer is over: whom it did not name it leaves out wrongly.</summary>
    public void End(ulong request, TimeSpan now)
    {
        if (_open.Remove(request, out Question question))
        {
            plan.Judge.LeftOut(question.Left);
            if (!question.IsExact)
            {
                plan.ReadLatency.Add(now - question.Intended);
            }
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
        if (_open.Remove(request, out Question question))
        {
            LostIds += question.Left;
        }
    }

    private readonly record struct Question(int Left, TimeSpan Intended, bool IsExact);
}
