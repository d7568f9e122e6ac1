using Presence.LoadClient.Connections;
using Presence.LoadClient.Fleets;
using Presence.LoadClient.Measuring;
using Presence.LoadClient.Pacing;

namespace Presence.LoadClient.Scenarios.Read;

/// <summary>
/// Those that ask, at a steady rate: each question about neighbouring ids from a place drawn at random, so that no list of them has to be
/// remembered. A question that finds every reader at the server's limit waits, and is measured from the time it was meant for.
/// </summary>
internal sealed class Readers : IFleetEvents, IDeadline
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(1);

    private readonly ReadOptions _options;
    private readonly RunContext _context;
    private readonly KnownUsers _known;
    private readonly Dictionary<(int Reader, ulong Request), Question> _open = [];
    private readonly int[] _openOf;
    private readonly AskedUsers _users;
    private readonly ulong[] _ids;
    // Entries of the frame that is being read.
    private readonly List<SeenEntry> _page = [];
    private OpenLoopPace _pace = new(TimeSpan.Zero, 0);
    private TimeSpan _until;
    private int _next;

    public Readers(ReadOptions options, RunContext context, KnownUsers known)
    {
        (_options, _context, _known) = (options, context, known);
        _openOf = new int[options.Connections];
        _ids = new ulong[options.IdsPerQuery];
        _users = new AskedUsers(context.Target.FirstUser, options.KnownUsers, options.NeverSeen);
        ulong firstUser = context.Target.FirstUser + (ulong)options.KnownUsers;
        Fleet = new Fleet(context.FleetPlan, firstUser, [.. Enumerable.Repeat(View.None, options.Connections)], this);
    }

    public Fleet Fleet { get; }

    /// <summary>Questions sent.</summary>
    public long Asked { get; private set; }

    /// <summary>User ids that were answered.</summary>
    public long Reads { get; private set; }

    /// <summary>Questions that are not answered yet.</summary>
    public int Unanswered => _open.Count;

    /// <summary>Questions whose reader was lost before it was told.</summary>
    public long Lost { get; private set; }

    /// <summary>Questions that the server refused.</summary>
    public long Refused { get; private set; }

    public AnswerCheck Check { get; } = new();

    /// <summary>How far behind its time a question was sent: the generator's own share, and that of full readers.</summary>
    public Latencies Lateness { get; } = new();

    /// <summary>Asks until a time.</summary>
    public void Start(TimeSpan until)
    {
        _until = until;
        _pace = new OpenLoopPace(_context.Loop.Now, _options.ReadsPerSecond / _options.IdsPerQuery);
        _context.Loop.Schedule(this, _context.Loop.Now);
    }

    public TimeSpan? OnDue(TimeSpan now)
    {
        while (FindReader() is { } reader)
        {
            if (!_pace.TryTake(now < _until ? now : _until, out TimeSpan intended))
            {
                return now < _until ? _pace.Next : null;
            }

            Ask(reader, intended, now);
        }

        return now < _until ? now + _retry : null;
    }

    public void OnEntry(Session session, in SeenEntry entry, bool isNews) => _page.Add(entry);

    public void OnAnswer(Session session, ulong requestId, bool isComplete)
    {
        if (_open.TryGetValue((session.Index, requestId), out Question? question))
        {
            if (isComplete)
            {
                Close(session, requestId);
                Take(question, question.Complete(_page));
            }
            else
            {
                question.Keep(_page);
            }
        }

        _page.Clear();
    }

    public void OnRefused(Session session, ulong requestId)
    {
        Refused += Close(session, requestId) ? 1 : 0;
    }

    public void OnLost(Session session)
    {
        foreach ((int Reader, ulong Request) key in _open.Keys.Where(key => key.Reader == session.Index).ToArray())
        {
            _open.Remove(key);
            Lost++;
        }

        _openOf[session.Index] = 0;
    }

    private bool Close(Session session, ulong requestId)
    {
        bool wasOpen = _open.Remove((session.Index, requestId));
        _openOf[session.Index] -= wasOpen ? 1 : 0;
        return wasOpen;
    }

    // The next in turn that the server still listens to.
    private Session? FindReader()
    {
        long room = Fleet.Limits?.PendingRequests ?? 1;
        for (int n = 0; n < _options.Connections; n++)
        {
            Session session = Fleet.Sessions[_next];
            if (session.IsUp && _openOf[_next] < room)
            {
                return session;
            }

            _next = (_next + 1) % _options.Connections;
        }

        return null;
    }

    private void Ask(Session reader, TimeSpan intended, TimeSpan now)
    {
        int first = _context.Random.Next(_users.Count);
        for (int n = 0; n < _ids.Length; n++)
        {
            _ids[n] = _users.IdOf((first + n) % _users.Count);
        }

        _open.Add((reader.Index, reader.Query(_ids)), new Question(first, intended, now));
        _openOf[reader.Index]++;
        _next = (_next + 1) % _options.Connections;
        Asked++;
        Lateness.Add(now - intended);
    }

    private void Take(Question question, IReadOnlyCollection<SeenEntry> answer)
    {
        TimeSpan now = _context.Loop.Now;
        Reads += answer.Count;
        _context.Latencies.Add(now - question.Intended);
        Check.Begin(_options.IdsPerQuery);
        foreach (SeenEntry entry in answer)
        {
            int user = _users.NumberOf(entry.UserId);
            int place = user < 0 ? -1 : (user - question.First + _users.Count) % _users.Count;
            Check.Entry(entry, place, user >= 0 && _known.IsRight(user, entry, question.Sent));
        }

        Check.End();
    }
}
