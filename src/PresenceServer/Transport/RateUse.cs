using Presence.Server.Configuration;

namespace Presence.Server.Transport;

/// <summary>So many in so long, as it is reckoned with: what one of them takes and how much may be taken at once, in microseconds.</summary>
/// <param name="EachUs">0: no limit.</param>
/// <param name="BurstUs">The time in which the rate counts.</param>
internal readonly record struct RateLimit(double EachUs, double BurstUs)
{
    public static RateLimit Of(Rate rate) => rate.IsOff ? default : new RateLimit(rate.Per.TotalMicroseconds / rate.Count, rate.Per.TotalMicroseconds);

    public bool IsOff => EachUs == 0;
}

/// <summary>What one connection has used of a rate: a token bucket in the one number that says when it is full again.</summary>
internal struct RateUse
{
    private double _fullUs;

    /// <summary>All of the rate is there again.</summary>
    /// <inheritdoc cref="TryTake"/>
    public readonly bool IsUnused(long nowMs) => _fullUs <= nowMs * 1_000.0;

    /// <param name="count">How many now.</param>
    /// <param name="nowMs">A stamp; does not fall.</param>
    /// <param name="limit">The same in all calls.</param>
    /// <returns>False when there is not so much left; nothing is taken then.</returns>
    public bool TryTake(int count, long nowMs, in RateLimit limit)
    {
        if (limit.IsOff)
        {
            return true;
        }

        double nowUs = nowMs * 1_000.0;
        double full = Math.Max(_fullUs, nowUs) + (count * limit.EachUs);
        if (full - limit.BurstUs > nowUs)
        {
            return false;
        }

        _fullUs = full;
        return true;
    }
}
