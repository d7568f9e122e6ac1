using System.Security.Cryptography;
using Presence.Server.Configuration;
using Presence.Server.Storage;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>
/// Whether users the store has no record of may come. At the memory budget they are told when to try again; whoever is up or known is served on.
/// </summary>
internal sealed class NewUsers(LastActiveStore store, PresenceConfiguration configuration, TimeProvider time)
{
    /// <summary>Why new users are refused.</summary>
    public const string Full = "The memory for users (Presence:Store:MemoryBudget) is used up; who is up or known is served on.";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    private readonly int _heartbeatMs = (int)configuration.Session.HeartbeatInterval.TotalMilliseconds;

    /// <summary>The memory budget is reached.</summary>
    public bool AreRefused => store.IsFull;

    /// <summary>One connection with one user may come now.</summary>
    public bool MayCome => store.HasRoomForNewUsers;

    /// <summary>What to tell those who are refused.</summary>
    public Error Overloaded() => new()
    {
        Code = ErrorCode.Overloaded,
        Message = $"{Full} Try again after reconnect_after_ms.",
        ReconnectAfterMs = ComeBackAfterMs(),
    };

    /// <summary>Each its own time, so that they do not come back together.</summary>
    public uint ComeBackAfterMs() => (uint)RandomNumberGenerator.GetInt32(_heartbeatMs / 2, _heartbeatMs * 3 / 2);

    /// <summary>
    /// Completes once the store's thread keeps up with what has come: a gateway that brings users faster than they can be stored is read more slowly.
    /// </summary>
    public async ValueTask WhenStoredAsync()
    {
        while (store.IsBehind)
        {
            await Task.Delay(LookAgain, time);
        }
    }
}
