using Presence.V1;

namespace Presence.Engine;

/// <summary>
/// Asks a home again about all of its users who are watched here, a slice at a time, when it may have said something that was not heard. What is newer than what our watchers know is told to them.
/// </summary>
internal sealed class Requery(Shard shard, int node)
{
    // Records looked at a turn, and users asked about at a time.
    private const int Slice = 4_096;
    private const int Batch = 1_000;

    // Behind an answer that was none.
    private const long TryAgainAfterMs = 1_000;

    private readonly List<ulong> _toAsk = [];
    private int _next = -1;
    private RoutingTable? _before;
    private bool _onlyMoved;
    private bool _isAsking;
    private bool _hasFailed;
    private long _againMs = long.MaxValue;

    /// <summary>There is more to look at than a turn may.</summary>
    public bool HasWork => _next >= 0 && !_isAsking;

    /// <summary>From the beginning, whatever is under way.</summary>
    public void Start()
    {
        _onlyMoved = false;
        Begin();
    }

    /// <summary>The same of those who had another home by the ring before.</summary>
    public void StartMoved(RoutingTable? before)
    {
        if (_next >= 0 || _isAsking || _againMs != long.MaxValue)
        {
            // Of others it is under way, or still to come.
            Start();
            return;
        }

        (_onlyMoved, _before) = (true, before);
        Begin();
    }

    private void Begin()
    {
        _next = shard.WatchIndex.HighWater - 1;
        (_hasFailed, _againMs) = (false, long.MaxValue);
    }

    public void Advance()
    {
        if (shard.Time.Now >= _againMs)
        {
            Begin();
        }

        if (!HasWork)
        {
            return;
        }

        for (int looked = 0; looked < Slice && _toAsk.Count < Batch && _next >= 0; looked++, _next--)
        {
            ref WatchedUser watched = ref shard.WatchIndex[_next];
            if (watched.Count > 0 && shard.Routing.HomeOf(watched.UserId).Node == node && (!_onlyMoved || _before?.NodeOf(watched.UserId) != node))
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
    }

    public void Answered(PendingAnswer pending)
    {
        _isAsking = false;
        _hasFailed |= Array.Exists(pending.States, static state => state.Status == Status.Unknown);
        if (_hasFailed && _next < 0)
        {
            _againMs = shard.Time.Now + TryAgainAfterMs;
        }
    }
}
