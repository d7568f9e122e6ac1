using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>
/// Looks at everything of a shard from time to time, after a turn that left nothing to do: its users are shown as they are, its watchers have been told all
/// that was said before the turn, and engine time is what it must be.
/// </summary>
internal sealed class Look(World world)
{
    // A fault that stopped time has shown all its effects by then.
    private const long SettledMs = 4_000;

    // From when the store has loaded a user until all who were told UNKNOWN know better, whatever budget a turn has.
    private const long UnheardMs = 3_000;

    /// <summary>Users and watches that were compared.</summary>
    public long Compared { get; private set; }

    public void After(TrueTurn turn, ShardTruth shard)
    {
        if (turn.Thread.IsIdle && turn.MonoMs >= shard.NextLookMs)
        {
            shard.NextLookMs = turn.MonoMs + world.Plan.Settings.LookEveryMs;
            Now(turn, shard);
        }
    }

    private void Now(TrueTurn turn, ShardTruth shard)
    {
        foreach (TrueUser user in shard.Users)
        {
            if (user.IsKnown && world.Truth.IsLoaded(user))
            {
                Compared++;
                HomeCheck.CheckTruth(user, turn);
            }
        }

        foreach (ServerConnection connection in turn.Thread.Connections)
        {
            LookAt(connection, turn);
        }

        if (turn.MonoMs > shard.StoodStillUntilMs + SettledMs)
        {
            LookAtClock(turn.Thread.Shard.Clock, shard);
        }
    }

    // P1, P2: whoever reads has been told the home's last word.
    private void LookAt(ServerConnection connection, TrueTurn turn)
    {
        TrueConnection own = connection.Truth;
        if (own.Device is null || own.IsCongested)
        {
            return;
        }

        foreach (ulong userId in own.View.Watched)
        {
            TrueUser user = world.Truth.Of(userId);
            if (user == own.User || user.ShownAtMs >= turn.MonoMs)
            {
                continue;
            }

            Compared++;
            (ulong version, Shown? shown) = own.View[userId];
            if (shown is { Status: Status.Unknown } && world.Truth.IsUnheard(userId, UnheardMs))
            {
                continue;
            }

            if (version != user.Version || (shown is not null && shown != user.Shown))
            {
                throw new ViolationException(
                    "P1", $"{own.User!.Id} was last told {shown?.ToString() ?? "nothing"} under version {version}, {turn.MonoMs - user.ShownAtMs} ms after: {user}");
            }
        }
    }

    private static void LookAtClock(EngineClock clock, ShardTruth shard)
    {
        (long low, long high) = shard.SkippedMs;
        if (clock.SkippedMs < low || clock.SkippedMs > high)
        {
            throw new ViolationException("clock", $"{clock.SkippedMs} ms were left out of engine time; it must be {low} to {high}");
        }
    }
}
