using System.Security.Cryptography;
using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Diagnostics;
using Presence.Server.Storage;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// Whether users the store has no record of may come. At the memory budget they are told when to try again; whoever is up or known is served on.
/// </summary>
internal sealed class NewUsers(LastActiveStore store, PresenceConfiguration configuration, NodeCounters counters, TimeProvider time)
{
    /// <summary>How long a link is not read because the store is behind.</summary>
    public static readonly TimeSpan Patience = StallClock.Limit;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // Somebody has waited in vain, and the store is behind still.
    private volatile bool _isStuck;

    private readonly int _heartbeatMs = (int)configuration.Session.HeartbeatInterval.TotalMilliseconds;

    /// <summary>The memory budget is reached.</summary>
    public bool AreRefused => store.IsFull;

    /// <summary>One connection with one user may come now.</summary>
    public bool MayCome => store.HasRoomForNewUsers;

    /// <summary>Why they may not.</summary>
    public string WhyNot => AreRefused
        ? "The memory for users (Presence:Store:MemoryBudget) is used up; who is up or known is served on."
        : "The last-active store does not keep up with those who come; who is up or known is served on.";

    /// <summary>What to tell those who are refused; counts the limit that they have run into.</summary>
    public Error Overloaded()
    {
        if (AreRefused)
        {
            counters.Limits.Hit(LimitHits.MemoryBudget);
        }

        return new()
        {
            Code = ErrorCode.Overloaded,
            Message = $"{WhyNot} Try again after reconnect_after_ms.",
            ReconnectAfterMs = ComeBackAfterMs(),
        };
    }

    /// <summary>Each its own time, so that they do not come back together.</summary>
    public uint ComeBackAfterMs() => (uint)RandomNumberGenerator.GetInt32(_heartbeatMs / 2, _heartbeatMs * 3 / 2);

    /// <summary>
    /// Completes once the store's thread keeps up with what has come: a gateway that brings users faster than they can be stored is read more slowly. Waits no
    /// longer than <see cref="Patience"/>, and not at all once somebody has in vain: those who are up are to be heard of and to leave whatever the store does.
    /// </summary>
    /// <returns>False: it does not keep up.</returns>
    public ValueTask<bool> WhenStoredAsync()
    {
        _isStuck = _isStuck && store.IsBehind;
        return store.IsBehind && !_isStuck ? WaitAsync() : new(!_isStuck);
    }

    private async ValueTask<bool> WaitAsync()
    {
        long since = time.GetTimestamp();
        while (store.IsBehind && !_isStuck)
        {
            await Task.Delay(LookAgain, time);
            _isStuck = _isStuck || (store.IsBehind && time.GetElapsedTime(since) > Patience);
        }

        return !_isStuck;
    }
}
