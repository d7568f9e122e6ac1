using Presence.Server.Hosting;

namespace Presence.Server.Transport;

/// <summary>What each user has used of a rate that is not one session's. Any thread.</summary>
internal sealed class UserRates(RateLimit limit, NodeClock clock)
{
    private const int FewestKept = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, RateUse> _uses = [];
    private int _sweepAt = FewestKept;

    /// <summary>Users who are kept: at most twice as many as have used it within the time of the rate.</summary>
    public int Kept
    {
        get
        {
            lock (_gate)
            {
                return _uses.Count;
            }
        }
    }

    /// <returns>False when the user has used it up; nothing is taken then.</returns>
    public bool TryTake(ulong userId)
    {
        if (limit.IsOff)
        {
            return true;
        }

        lock (_gate)
        {
            RateUse use = _uses.GetValueOrDefault(userId);
            bool taken = use.TryTake(1, clock.MonoMs, limit);
            _uses[userId] = use;
            Sweep();
            return taken;
        }
    }

    // Whose rate is all there again is as one who never used it.
    private void Sweep()
    {
        if (_uses.Count < _sweepAt)
        {
            return;
        }

        foreach ((ulong user, RateUse use) in _uses)
        {
            if (use.IsUnused(clock.MonoMs))
            {
                _uses.Remove(user);
            }
        }

        _sweepAt = Math.Max(FewestKept, 2 * _uses.Count);
    }
}
