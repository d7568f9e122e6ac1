using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client does by chance, beside keeping to the rules.</summary>
internal sealed class ClusterActs(ClusterWorld world, ClusterClient client, ClusterHabits habits, Chance chance)
{
    // Users who do not exist are watched too.
    private const int Strangers = 1;

    // All nodes have heard of each other's clocks by then.
    private const long ClocksMetMs = 1_300;

    public void GoOn() => world.Agenda.In(chance.Between(200, world.Plan.Settings.ActsWithinMs), () =>
    {
        if (!world.IsQuiet)
        {
            if (client.IsLive && habits.ActsAt(world.Agenda.Now))
            {
                Act(client.Connection!);
            }

            GoOn();
        }
    });

    /// <summary>It has just come; maybe it goes again soon.</summary>
    public void LookIn(ClusterConnection connection)
    {
        if (habits.StaysFor(world.Agenda.Now) is { } ms)
        {
            world.Agenda.In(ms, () =>
            {
                if (connection == client.Connection && client.IsLive && !world.IsQuiet)
                {
                    GoForAWhile(connection);
                }
            });
        }
    }

    public ulong[] SomeUsers() =>
        [.. Enumerable.Range(0, chance.Below(world.Plan.Settings.WatchesAtOnce) + 1).Select(_ => 1 + (ulong)chance.Below(world.Plan.Settings.Users + Strangers)).Distinct()];

    private void Act(ClusterConnection connection)
    {
        switch (chance.Below(100))
        {
            case < 35:
                client.Set(chance.Pick(Status.Online, Status.Online, Status.Away, Status.Busy, Status.Offline, Status.Invisible));
                break;
            case < 50:
                client.Watch(SomeUsers());
                break;
            case < 58:
                ulong[] some = [.. client.Watched.Keys.Where(_ => chance.Hits(0.3))];
                Array.ForEach(some, userId => client.Watched.Remove(userId));
                client.Say(new UnwatchSays(client.NextRequest(), some));
                break;
            case < 64:
                client.Say(new QuerySays(client.NextRequest(), SomeUsers()));
                break;
            case < 74:
                GoForAWhile(connection);
                break;
            case < 80:
                // Out of reach, without a word: the server sees a connection that is silent.
                connection.Vanish();
                client.BackIn(AWhile());
                break;
            case < 92:
                connection.ResetByClient();
                client.BackIn(chance.Between(0, world.Plan.Settings.Options.HoldMs / 2));
                break;
            case < 98 when !world.Truth.IsDisturbed:
                ComeTwice(connection);
                break;
            default:
                break;
        }
    }

    private void GoForAWhile(ClusterConnection connection)
    {
        connection.Say(new GoodbyeSays());
        connection.CloseByClient();
        client.BackIn(AWhile());
    }

    // In the middle of a handshake its network is another: it has a session there that it never hears of.
    private void ComeTwice(ClusterConnection connection)
    {
        connection.ResetByClient();
        client.Forget();
        client.Connect();
        ClusterConnection? unheard = client.Connection;
        world.Agenda.In(world.Plan.Settings.LatencyMs + 4, () =>
        {
            if (unheard is not null && client.Connection == unheard)
            {
                unheard.Vanish();
                client.BackIn(chance.Between(ClocksMetMs, 2 * ClocksMetMs));
            }
        });
    }

    private long AWhile() => chance.Pick(chance.Between(0, 2_000), chance.Between(0, 2 * world.Plan.Settings.Options.HoldMs), chance.Between(10_000, 90_000));
}
