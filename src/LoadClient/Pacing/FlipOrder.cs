using System.Globalization;
using Presence.Server.Configuration;

namespace Presence.LoadClient.Pacing;

/// <summary>
/// Who flips next: everybody once in a shuffled order, again and again. No order gives any user fewer flips, so what this one cannot keep
/// below the server's limit nobody can.
/// </summary>
internal sealed class FlipOrder
{
    private readonly int[] _users;
    private long _next;

    public FlipOrder(int users, Random random)
    {
        _users = [.. Enumerable.Range(0, users)];
        random.Shuffle(_users);
    }

    public int Next() => _users[_next++ % _users.Length];

    /// <summary>Says so when flips of one user must come faster than the server lets them pass.</summary>
    /// <param name="statusChanges">As <c>Welcome.limits</c> has it: <c>5/30s</c>, <c>0</c> for no limit.</param>
    public static string? WarningOf(double flipsPerSecond, int users, string statusChanges)
    {
        if (!Rate.TryParse(statusChanges, out Rate limit) || limit.IsOff)
        {
            return null;
        }

        double each = flipsPerSecond / users * limit.Per.TotalSeconds;
        return each <= limit.Count
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{flipsPerSecond} flips/s over {users} users are {each:0.#} a user in {limit.Per.TotalSeconds} s; "
                + $"the server lets {limit} pass and delays the rest, which is part of the latencies. "
                + $"Use more connections, fewer flips, or a server with Presence:Limits:StatusChanges=0.");
    }

    /// <summary>How long the server may hold back the last flip of a user.</summary>
    /// <param name="statusChanges">As above; null: not known.</param>
    public static TimeSpan LongestDelay(string? statusChanges) =>
        Rate.TryParse(statusChanges ?? "0", out Rate limit) ? limit.Per : TimeSpan.Zero;
}
