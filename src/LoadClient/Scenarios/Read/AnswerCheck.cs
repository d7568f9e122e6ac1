using System.Collections;
using Presence.LoadClient.Connections;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>Whether answers have every id that was asked, each once, each as it is.</summary>
internal sealed class AnswerCheck
{
    /// <summary>How many wrongs are described.</summary>
    private const int Described = 5;

    private readonly List<string> _first = [];
    private BitArray _seen = new(0);
    private int _missing;

    /// <summary>Entries that were looked at.</summary>
    public long Compared { get; private set; }

    /// <summary>Entries that are not the truth, or were not asked for, or came twice.</summary>
    public long Wrong { get; private set; }

    /// <summary>Ids that were asked for and not answered.</summary>
    public long Missing { get; private set; }

    /// <summary>The first few wrongs, a sentence each.</summary>
    public IReadOnlyList<string> First => _first;

    /// <summary>An answer to a question about so many ids follows.</summary>
    public void Begin(int ids)
    {
        if (_seen.Length != ids)
        {
            _seen = new BitArray(ids);
        }

        _seen.SetAll(false);
        _missing = ids;
    }

    /// <param name="place">Of its id among those that were asked for; outside: it was not asked for.</param>
    /// <param name="isRight">It can be the truth.</param>
    public void Entry(in SeenEntry entry, int place, bool isRight)
    {
        Compared++;
        if (place < 0 || place >= _seen.Length || _seen[place])
        {
            AddWrong($"user {entry.UserId} was answered twice, or was not asked about");
            return;
        }

        _seen[place] = true;
        _missing--;
        if (!isRight)
        {
            AddWrong(
                $"user {entry.UserId} was answered as {entry.Status} version {entry.Version}, which it was not when it was asked about");
        }
    }

    public void End() => Missing += _missing;

    private void AddWrong(string wrong)
    {
        Wrong++;
        if (_first.Count < Described)
        {
            _first.Add(wrong);
        }
    }
}
