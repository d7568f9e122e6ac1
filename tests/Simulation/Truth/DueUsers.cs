using System.Diagnostics.CodeAnalysis;

namespace Presence.Simulation;

/// <summary>Users of a shard by when something may have become of them by time alone: never later than that, often before.</summary>
internal sealed class DueUsers
{
    private readonly PriorityQueue<TrueUser, long> _due = new();

    /// <param name="user">To be looked at.</param>
    /// <param name="monoMs">When, at the latest; a later one that was said before means nothing any more.</param>
    public void Arm(TrueUser user, long monoMs)
    {
        if (monoMs < user.LookAtMs)
        {
            user.LookAtMs = monoMs;
            _due.Enqueue(user, monoMs);
        }
    }

    public bool TryTake(long monoMs, [NotNullWhen(true)] out TrueUser? user)
    {
        while (_due.TryPeek(out user, out long ms) && ms <= monoMs)
        {
            _due.Dequeue();
            if (user.LookAtMs == ms)
            {
                user.LookAtMs = long.MaxValue;
                return true;
            }
        }

        return false;
    }
}
