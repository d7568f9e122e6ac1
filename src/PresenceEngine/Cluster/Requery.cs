using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Asks a home again about its users who are watched here, a slice at a time, when it may have said something that was not heard, or could say nothing. What is newer than what our watchers know is told to them. It goes on until
/// the home has an answer for each.
/// </summary>
internal sealed class Requery(Shard shard, int node)
{
    // Users asked about at a time.
    private const int Batch = 1_000;

    // Behind an answer that was none.
    private const long TryAgainAfterMs = 1_000;

    private readonly int _slice = shard.Options.Budget.AskedUsers;
    private readonly List<ulong> _toAsk = [];
    private RequeryScope _scope;

    // Of the scope of those who have moved: by which they had another home.
    private RoutingTable? _before;

    // Where the walk goes on, downwards.
    private int _next = -1;
    private bool _isAsking;
    private bool _hasFailed;
    private long _againMs = long.MaxValue;

    /// <summary>There is more to look at than a turn may.</summary>
    public bool HasWork => _next >= 0 && !_isAsking;

    // A walk is under way, or will be.
    private bool IsUnderWay => _next >= 0 || _isAsking || _againMs != long.MaxValue;

    /// <summary>All users of the home, from the beginning.</summary>
    public void Start() => Begin(RequeryScope.All);

    /// <summary>Those who had another home by the ring before.</summary>
    public void StartMoved(RoutingTable? before)
    {
        if (IsUnderWay)
        {
            // Of others, who are not to be left out.
            Start();
            return;
        }

        _before = before;
        Begin(RequeryScope.Moved);
    }

    /// <summary>The home could say nothing of a user: those of whom nothing was heard are asked about in a while.</summary>
    public void StartUnheard()
    {
        if (!IsUnderWay)
        {
            (_scope, _againMs) = (RequeryScope.Unheard, shard.Time.Now + TryAgainAfterMs);
        }
        else if (_scope == RequeryScope.Moved)
        {
            // It may be another, and the walk past it.
            (_scope, _hasFailed) = (RequeryScope.All, true);
        }
        else
        {
            _hasFailed = true;
        }
    }

    public void Advance()
    {
        if (shard.Time.Now >= _againMs)
        {
            Begin(_scope);
        }

        if (HasWork)
        {
            Walk();
        }
    }

    public void Answered(PendingAnswer pending)
    {
        _isAsking = false;
        _hasFailed |= Array.Exists(pending.States, static state => state.Status == Status.Unknown);
        EndIfThrough();
    }

    private void Begin(RequeryScope scope)
    {
        _scope = scope;
        _next = shard.WatchIndex.HighWater - 1;
        (_hasFailed, _againMs) = (false, long.MaxValue);
    }

    private void Walk()
    {
        for (int looked = 0; looked < _slice && _toAsk.Count < Batch && _next >= 0; looked++, _next--)
        {
            ref WatchedUser watched = ref shard.WatchIndex[_next];
            if (watched.Count > 0 && IsMeant(watched))
            {
                _toAsk.Add(watched.UserId);
            }
        }

        if (_toAsk.Count == Batch || (_next < 0 && _toAsk.Count > 0))
        {
            _isAsking = true;
            ulong[] users = [.. _toAsk];
            _toAsk.Clear();
            shard.Watching.AskAnew(users, this);
        }

        EndIfThrough();
    }

    private bool IsMeant(in WatchedUser watched) => (_scope != RequeryScope.Unheard || watched.IsUnheard)
        && shard.Routing.NodeOf(watched.UserId) == node
        && (_scope != RequeryScope.Moved || _before?.NodeOf(watched.UserId) != node);

    private void EndIfThrough()
    {
        if (_next < 0 && !_isAsking && _hasFailed)
        {
            _againMs = shard.Time.Now + TryAgainAfterMs;
        }
    }
}

/// <summary>Whom a home is asked about again.</summary>
internal enum RequeryScope : byte
{
    All,

    /// <summary>Who had another home.</summary>
    Moved,

    /// <summary>Of whom nothing was ever heard.</summary>
    Unheard,
}
