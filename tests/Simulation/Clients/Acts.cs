using Presence.V1;

namespace Presence.Simulation;

/// <summary>What a client does of its own accord, by chance: statuses, watches, leaving in every way there is, and coming back.</summary>
internal sealed class Acts(World world, Client client, Chance chance)
{
    // Users who do not exist are watched too.
    private const int Strangers = 3;

    private bool _isUnderWay;

    /// <summary>It is connected: it watches somebody, and something happens now and then.</summary>
    public void Begin()
    {
        if (client.Watched.Count == 0 && !world.IsQuiet)
        {
            WatchSome();
        }

        if (!_isUnderWay)
        {
            _isUnderWay = true;
            GoOn();
        }
    }

    private void GoOn() => world.Agenda.In(chance.Between(50, client.Habits.ActsWithinMs), () =>
    {
        if (!world.IsQuiet)
        {
            Act();
            GoOn();
        }
    });

    private void Act()
    {
        if (!client.IsLive || client.IsFrozen)
        {
            return;
        }

        if (client.Habits.Babbles && chance.Hits(0.4))
        {
            if (!client.Babble.Burst())
            {
                End();
            }

            return;
        }

        switch (chance.Below(100))
        {
            case < 35:
                Say();
                break;
            case < 50:
                WatchSome();
                break;
            case < 58:
                UnwatchSome();
                break;
            case < 62:
                client.Say(new QuerySays(client.NextRequest, SomeUsers()));
                break;
            case < 64:
                client.Refresh();
                break;
            case < 74:
                Leave();
                break;
            default:
                GoWrong();
                break;
        }
    }

    private void Say()
    {
        Status status = chance.Pick(Status.Online, Status.Online, Status.Away, Status.Busy, Status.Offline, Status.Invisible);
        client.Desired = status == Status.Invisible ? client.Desired : status;
        byte[]? text = client.Habits.SaysTexts && chance.Hits(0.5) ? [(byte)chance.Between('a', 'z')] : null;
        client.Wish = (status, text, 0);
        client.SayWish();
    }

    private void WatchSome()
    {
        ulong[] users = SomeUsers();
        client.Watched.UnionWith(users);
        client.Watch(users);
    }

    private void UnwatchSome()
    {
        ulong[] users = [.. client.Watched.Where(_ => chance.Hits(0.3))];
        client.Watched.ExceptWith(users);
        client.Say(new UnwatchSays(client.NextRequest, users));
    }

    private ulong[] SomeUsers() =>
        [.. Enumerable.Range(0, chance.Below(12) + 1).Select(_ => 1 + (ulong)chance.Below(world.Plan.Settings.Users + Strangers)).Distinct()];

    private void Leave()
    {
        if (chance.Hits(0.6))
        {
            client.Say(new GoodbyeSays());
        }

        End();
    }

    private void End()
    {
        client.Wire!.CloseByClient();
        client.Drop(AWhile());
    }

    // Soon, around the hold, or much later.
    private long? AWhile() => chance.Pick<long?>(
        chance.Between(0, 1_000), chance.Between(0, 2 * world.Plan.Settings.Options.HoldMs), chance.Between(1_000, 120_000), null);

    private void GoWrong()
    {
        Wire wire = client.Wire!;
        switch (chance.Below(5))
        {
            case 0:
                // Out of reach, without a word.
                wire.Vanish();
                client.Drop(AWhile());
                break;
            case 1:
                Freeze(chance.Between(100, 90_000));
                break;
            case 2:
                // Reads nothing for a while.
                wire.Down.Hold(true);
                world.Agenda.In(chance.Between(100, 25_000), () => wire.Down.Hold(false));
                break;
            case 3:
                // Another network: the old connection lingers, nobody closes it.
                client.Drop(chance.Between(0, 3_000));
                break;
            default:
                wire.ResetByClient();
                client.Drop(chance.Between(0, 3_000));
                break;
        }
    }

    private void Freeze(long ms)
    {
        client.Freeze();
        world.Agenda.In(ms, client.Thaw);
    }
}
