using Presence.Protocol;
using Presence.Server.Configuration;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>The rates of one session's connection, as the configuration has them.</summary>
internal sealed class SessionRateLimits(LimitsConfiguration limits)
{
    public RateLimit Frames { get; } = RateLimit.Of(limits.FrameRate);

    public RateLimit Bytes { get; } = RateLimit.Of(limits.ByteRate);

    public RateLimit Queries { get; } = RateLimit.Of(limits.QueryRate);

    public RateLimit Watches { get; } = RateLimit.Of(limits.WatchRate);

    /// <summary>What a client is told that sends more than it may; its connection is closed behind it.</summary>
    public Error Flooded(string which) => new()
    {
        Code = ErrorCode.Limit,
        Which = which,
        Allowed = (ulong)RateOf(which).Count,
        Message = $"The limit {which} is {RateOf(which)}; the connection is closed. Send less: a heartbeat is due every d, and a Watch or Query takes up to 1,000 ids.",
    };

    /// <summary>What a client is told that asks more than it may.</summary>
    public Error TooManyQueries(ulong requestId) => new()
    {
        RequestId = requestId,
        Code = ErrorCode.Limit,
        Which = LimitNames.QueryRate,
        Allowed = (ulong)limits.QueryRate.Count,
        Message = $"The limit {LimitNames.QueryRate} is {limits.QueryRate}; nothing was answered. Ask about more users at once, or watch them.",
    };

    /// <summary>What a client is told that watches anew more often than it may.</summary>
    public Error TooManyWatched(ulong requestId) => new()
    {
        RequestId = requestId,
        Code = ErrorCode.Limit,
        Which = LimitNames.WatchRate,
        Allowed = (ulong)limits.WatchRate.Count,
        Message = $"The limit {LimitNames.WatchRate} is {limits.WatchRate} ids; nothing was watched. Watch a user once on a connection: every change is told.",
    };

    private Rate RateOf(string which) => which == LimitNames.FrameRate ? limits.FrameRate : limits.ByteRate;
}

/// <summary>What one session's connection has used of its rates. Its reader's.</summary>
internal struct SessionRates
{
    private RateUse _frames;
    private RateUse _bytes;
    private RateUse _queries;
    private RateUse _watches;

    /// <returns>The limit that is passed; null when none is.</returns>
    public string? Take(int frames, long bytes, long nowMs, SessionRateLimits limits) =>
        !_frames.TryTake(frames, nowMs, limits.Frames) ? LimitNames.FrameRate
        : !_bytes.TryTake((int)bytes, nowMs, limits.Bytes) ? LimitNames.ByteRate
        : null;

    /// <param name="ids">Users that one Watch names.</param>
    public bool TryTakeWatch(int ids, long nowMs, SessionRateLimits limits) => _watches.TryTake(ids, nowMs, limits.Watches);

    public bool TryTakeQuery(long nowMs, SessionRateLimits limits) => _queries.TryTake(1, nowMs, limits.Queries);
}
