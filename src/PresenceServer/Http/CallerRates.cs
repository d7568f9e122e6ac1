using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport;

namespace Presence.Server.Http;

/// <summary>
/// How much each user has asked over HTTP lately: a request has no session whose rate it could count for. Who is known as a service by the scope of its token asks for many and is not counted. Any thread.
/// </summary>
internal sealed class CallerRates(PresenceConfiguration configuration, NodeClock clock)
{
    private const int FewestKept = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, RateUse> _uses = [];
    private readonly RateLimit _limit = RateLimit.Of(configuration.Limits.QueryRate);
    private int _sweepAt = FewestKept;

    /// <summary>Users who are kept: at most twice as many as have asked within the time of the rate.</summary>
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

    /// <returns>False when the caller has asked as much as it may; the request is not counted then.</returns>
    public bool TryTakeQuery(TokenIdentity caller)
    {
        if (_limit.IsOff || caller.HasScope(ChangesEndpoint.Scope) || caller.HasScope(GatewayTokenValidator.Scope))
        {
            return true;
        }

        lock (_gate)
        {
            RateUse use = _uses.GetValueOrDefault(caller.UserId);
            bool taken = use.TryTake(1, clock.MonoMs, _limit);
            _uses[caller.UserId] = use;
            Sweep();
            return taken;
        }
    }

    // Who has not asked for so long that all is free again is as one who never asked.
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
