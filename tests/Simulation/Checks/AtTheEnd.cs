using Presence.Engine;
using Presence.V1;

namespace Presence.Simulation;

/// <summary>What must be so when all is quiet, and when all have left.</summary>
internal static class AtTheEnd
{
    // The longest that a client which was closed may stay away, and that an update may take.
    private const long AwayMs = 45_000;
    private const long UnderWayMs = 5_000;

    /// <summary>Every client that is connected shows everybody it watches as their homes say, and none waits for an answer.</summary>
    public static void CheckViews(World world)
    {
        foreach (Client client in world.Clients)
        {
            if (client.Habits.Manners != Manners.Good || client.StaysAway)
            {
                // Without manners it may take a dead connection for a live one for ever.
                continue;
            }

            if (!client.IsLive && world.Agenda.Now - client.LiveUntilMs < AwayMs + world.Plan.Settings.LongestSlotMs)
            {
                continue;
            }

            if (!client.IsLive)
            {
                throw new ViolationException("P3", $"client {client.Number} of user {client.UserId} does not come back");
            }

            foreach (ulong userId in client.Watched)
            {
                TrueUser user = world.Truth.Of(userId);
                bool isUnderWay = world.Agenda.Now - user.ShownAtMs < UnderWayMs;
                if (userId != client.UserId && !isUnderWay && client.View[userId] is var seen && (seen?.Version != user.Version || seen?.Shown != user.Shown))
                {
                    throw new ViolationException("P2", $"client {client.Number} of {client.UserId} shows {seen?.Shown} under version {seen?.Version} at the end: {user}");
                }
            }

            if (client.Wire!.Server!.Truth.View.Errors > 0)
            {
                throw new ViolationException("answers", $"client {client.Number} was never told that a frame was out of its order");
            }

            foreach ((ulong requestId, long askedAtMs) in client.Wire.Server.Truth.View.Open)
            {
                if (world.Agenda.Now - askedAtMs >= UnderWayMs)
                {
                    throw new ViolationException("answers", $"request {requestId} of client {client.Number} was never answered");
                }
            }
        }
    }

    /// <summary>Nobody is recorded as online who has left, or did not come back after a restart: also if nobody asked.</summary>
    public static void CheckNobodyStays(World world)
    {
        foreach (UserRecord record in world.Node.Store.Records)
        {
            if ((Status)record.Status != Status.Offline)
            {
                throw new ViolationException("P4", $"is recorded as {(Status)record.Status} for ever: {world.Truth.Of(record.UserId)}");
            }
        }
    }

    /// <summary>Of those who have left nothing is left in memory.</summary>
    public static void CheckNothingIsLeft(World world)
    {
        foreach (ShardThread thread in world.Node.Threads)
        {
            ShardReport? report = null;
            thread.Inbox.TryPostRead(new ShardInspection(answer => report = answer));
            world.Agenda.RunUntil(world.Agenda.Now + 200);
            if (report is not { Connections: 0, Devices: 0, Users: 0, Watches: 0, WatchedUsers: 0, Deadlines: 0, Fanouts: 0, DelayedStatuses: 0 })
            {
                throw new ViolationException("leak", $"shard {thread.Shard.Address.Shard} still holds {report}");
            }
        }
    }
}
